// More secrets as they stand in logs, a line each: `«…»` is what has to go. A `!` stands where a scanner would know a token, and
// is taken out. Pure data; shapes-in-context.ts makes the lines up.

/** A line each; the escapes in them are written as they are. */
export const FURTHER_FORMS: readonly string[] = String.raw`
GH_TOKEN=«gh!s_{d:6}_e!yJ{url64:30}.e!yJ{url64:200}.{url64:300}» gh pr list
##[debug]token: '«gh!s_{d:5}_e!yJ{url64:30}.e!yJ{url64:100}.{url64:80}»'
docker login --username=ci --password=«{an:10}$x»
mysql --user=app -p'«{an:8} {an:3}»' db
mysql -uroot -p«{lower:8}» -e "select 1"
mysql -u root -p «{an:12}» db
psql "host=x user=y password='«{an:5} {an:4}»' dbname=z"
PASSWORD="«{an:4}\"{an:6}»"
password: '«{an:4}''{an:6}»'
curl -u "$USER:«{an:16}»" https://x
curl -uci:«{an:16}» https://x
http -a ci:«{an:14}» GET https://x
wget --user=ci --password='«{an:9}»' https://x
scp -o "Password=«{an:9}»" a b
rsync --password=«{an:9}» a b
aws configure set default.aws_secret_access_key "«{b64:40}»"
aws configure set aws_access_key_id «AK!IA{b32:16}»
gcloud config set auth/access_token «ya!29.{url64:60}»
npm config set '//npm.pkg.github.com/:_authToken=«{an:36}»'
git config --global url."https://x:«{an:24}»@github.com/".insteadOf https://github.com/
pip config set global.index-url https://u:«{an:20}»@pypi.example.com/simple
bundle config set --global gems.example.com ci:«{an:20}»
bundle config gems.example.com «{hex:8}:{hex:8}»
cargo login «{an:36}»
sonar-scanner -Dsonar.login=«{hex:40}» -Dsonar.host.url=https://x
mvn -Drepo.pwd=«{lower:9}» deploy
./gradlew -Pmaven.password="«{an:9}»" publish
java -Djavax.net.ssl.keyStorePassword=«{lower:8}» -jar x
java -jar app.jar --spring.datasource.password=«{an:11}»
terraform apply -var db_password=«{an:12}» -auto-approve
terraform apply -var="api_token=«{an:22}»"
ansible-playbook -e ansible_become_pass=«{lower:9}» x.yml
helm install x --set-string auth.rootPassword=«{an:12}»,auth.username=u
kubectl create secret docker-registry r --docker-password=«{an:14}» --docker-username=u
kubectl config set-credentials u --token=«{an:40}»
oc login --token=«sha!256~{url64:43}» --server=https://x
eksctl create --password «{an:12}»
zip -P «{an:10}» a.zip b
7z x -p«{an:10}» a.7z
unzip -P «{lower:10}» a.zip
openssl rsa -in k -passin pass:«{an:10}» -out o
openssl enc -k «{an:10}» -in a
gpg --passphrase="«{an:5} {an:5}»" -c a
signtool sign /f a.pfx /p «{an:10}» b.exe
net use z: \\h\s /user:u «{an:10}»
runas /savecred /password:«{an:10}»
xcrun altool --upload-app -u a@b.c -p «{lower:4}-{lower:4}-{lower:4}-{lower:4}»
xcrun notarytool submit --apple-id a@b.c --password «{lower:4}-{lower:4}-{lower:4}-{lower:4}»
security unlock-keychain -p «{an:10}» login.keychain
security import c.p12 -P «{an:10}» -A
fastlane match --password «{an:10}»
ng deploy --token=«{an:40}»
firebase deploy --token "«1!//0{url64:60}»"
netlify deploy --auth «{url64:43}»
surge --token «{hex:32}»
heroku auth:token «{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}»
wrangler deploy --api-token «{url64:40}»
cf auth ci «{an:12}»
cf login -u ci -p «{an:12}» -a https://x
smbclient //h/s -U user%«{an:10}»
lftp -u user,«{an:10}» ftp.example.com
ncftpput -u user -p «{an:10}» h
mosquitto_pub -u u -P «{an:10}» -t x
rabbitmqctl add_user u «{an:10}»
redis-cli -u redis://u:«{an:10}»@h:6379
requirepass «{an:20}»
htpasswd -bc f u «{an:10}»
echo "u:«{an:10}»" | chpasswd
echo '«{an:10}' | sudo -S ls
sshpass -e SSHPASS=«{an:10}»
read -s PASSWORD <<< «{an:10}»
docker login <<< «{an:20}» --password-stdin
{"user":"x","pass":"«{an:10}»"}
{"Password" : "«{lower:9}»" }
{"secret":{"value":"«{an:20}»"}}
{"access_token":"«{an:40}»","token_type":"bearer"}
{"id_token": "«{url64:60}»"}
{"privateKey":"«{b64:64}»"}
{"connectionString":"Server=x;Password=«{an:9}»"}
{"key":"DB_PASSWORD","val":"«{an:12}»"}
{"variable":"TOKEN","value":"«{an:22}»","type":"env"}
{ "type": "secret", "name": "API_TOKEN", "value": "«{an:22}»" }
{"Name":"/app/db/password","Type":"SecureString","Value":"«{an:14}»"}
{"environment":[{"value":"«{an:14}»","name":"SECRET_KEY_BASE"}]}
name = "DB_PASSWORD", value = "«{an:14}»"
<parameter name="password">«{an:10}»</parameter>
<property name="hibernate.connection.password">«{an:10}»</property>
<string name="api_key">«{an:32}»</string>
<key>ApiToken</key><string>«{an:32}»</string>
<user password='«{lower:9}' name='x'/>
<Password>«{an:5}&amp;{an:5}»</Password>
<entry key="smtp.password">«{an:10}»</entry>
<setting name="Secret" serializeAs="String"><value>«{an:20}»</value></setting>
<secretKey>«{an:40}»</secretKey>
machine h login l password "«{an:8} {an:3}»"
machine h password «{an:12}» login l
login ci password «{an:12}»
Enter password: «{an:9}»
Password (again): «{lower:9}»
Password [hidden]: «{an:9}»
password for root@localhost: «{an:9}»
root@host's password: «{an:9}»
Enter PEM pass phrase: «{an:9}»
Enter passphrase (empty for no passphrase): «{an:9}»
Vault password: «{lower:9}»
Token (will not be shown): «{an:30}»
Enter your personal access token: «{an:40}»
Client secret: «{an:30}»
API Key: «{an:32}»
Secret Key: «{an:40}»
Access key ID: AKIA Secret access key: «{b64:40}»
Your API token is «{an:30}».
The password for user admin is «{an:10}»
Password set to «{an:10}»
  - password = "«{an:9}»" -> null
  ~ password: «{an:9}» => «{an:9}»
-  password: «{lower:9}»
+  password: «{lower:9}»
+API_KEY=«{an:22}»
-    "token": "«{an:22}»",
  ~ DB_PASSWORD = "«{lower:9}»" -> "«{lower:9}»"
  + secret_string = jsonencode({ password = "«{an:9}»" })
  ~ "password" : "«{an:9}»" => "«{an:9}»"
export PASSWORD='«{an:5}"{an:5}»'
DB_PASSWORD=«{an:5}'{an:5}{an:3}»
MY_PASSWORD=«#{an:4}&{an:4}?{an:3}»
SECRET=«{an:4}:{an:4}|{an:4}»
X_AUTH=«{letters:24}»
SOME_CREDENTIALS=«{letters:24}»
APP_KEY=«{letters:32}»
MAILER_PASS=«{lower:8}»
LDAP_BIND_PWD=«{lower:8}»
JWT_SECRET_KEY: «{letters:40}»
Env: DB_PASSWORD=«{lower:9}», PORT=1
env: {"DB_PASSWORD":"«{lower:9}»"}
ENV["SECRET"]="«{an:10}»"
process.env.API_TOKEN = '«{an:20}»'
-e "API_TOKEN=«{an:20}»"
--env API_TOKEN=«{an:20}»
--env=DB_PASS='«{an:9}»'
ARG TOKEN="«{an:20}»"
ENV DB_PASSWORD="«{lower:9}»" PORT=1
RUN export NPM_TOKEN=«{an:36}» && npm ci
--build-arg "PIP_INDEX_URL=https://u:«{an:20}»@h/simple"
jdbc:postgresql://h/db?user=u&password=«{an:5}%26{an:4}»&ssl=true
jdbc:oracle:thin:scott/«{an:8}»@h:1521:x
jdbc:sqlserver://h;user=sa;password=«{an:9}»;encrypt=true
Data Source=h;Initial Catalog=d;User ID=u;Password="«{an:4};{an:4}»"
mongodb://u:«{an:5}:{an:4}@{an:3}»@h:27017/d
mongodb://u:«{an:8}»@h1:27017,h2:27017/d?replicaSet=r
amqp://guest:«{an:6}/{an:4}»@mq:5672/%2f
rediss://default:«{an:20}»@h:6380
ldap://cn=admin:«{an:9}»@h
smtps://u%40d.com:«{an:9}»@smtp:465
sftp://u:«p@ss#{an:5}»@h/x
svn+ssh://u:«{an:9}»@h/x
git+https://«{an:40}»@github.com/o/r.git
https://oauth2:«gl!pat-{url64:20}»@gitlab.com/o/r.git
https://x-token-auth:«{an:40}»@bitbucket.org/o/r
https://user:«{an:4}#{an:4}?{an:3}»@h/x
https://«{an:20}:x-oauth-basic»@github.com
http://u:«{an:10}»@[::1]:80/x
https://u:«{an:10}»@h:8080/x@y
sentry dsn https://«{hex:32}»@o1.ingest.sentry.io/1
Cookie: a=1; b=2; __Secure-next-auth.session-token=«{an:60}»
Cookie: JSESSIONID=«{hex:32}»
Set-Cookie: token=«{an:30}»; Max-Age=3600
set-cookie: [ 'session=«{an:30}»; Path=/' ]
'cookie': 'csrf=1; sid=«{an:30}»'
document.cookie = "sid=«{an:30}»"
Authorization: Bearer «{lower:24}»
Authorization: Basic «{b64:10}==»
authorization: bearer «{hex:40}»
"Authorization" => "Bearer «{an:30}»"
'Authorization': 'Bearer «{an:30}»',
Authorization: Token «{hex:40}»
Authorization: token=«{an:30}»
Authorization: Key «{an:30}»
Authorization: Api-Key «{an:30}»
Authorization: AWS AKIAX:«{b64:27}=»
Authorization: Signature keyId="x",algorithm="rsa-sha256",signature="«{b64:86}==»"
Authorization: HMAC-SHA256 SignedHeaders=x&Signature=«{b64:43}=»
Authorization: SAPISIDHASH 1700000000_«{hex:40}»
Authorization: DPoP «{url64:60}»
Authorization: MAC id="x", nonce="y", mac="«{b64:27}=»"
Authorization: Custom «{an:30}»
AUTHORIZATION=«Bearer {an:30}»
X-Auth-Token: «{an:32}»
X-GitLab-Token: «{an:20}»
x-amz-security-token: «{b64:200}»
api_key: «{hex:32}»
apikey=«{hex:32}»
DD-API-KEY: «{hex:32}»
Private-Token: «{url64:20}»
X-Vault-Token: «s.{an:24}»
https://h/x?sv=1&sig=«{an:30}%2F{an:10}%3D»&se=2
https://h/x?Signature=«{an:30}~{an:10}»&Key-Pair-Id=K
https://h/x?X-Amz-Credential=AKIA%2F&X-Amz-Signature=«{hex:64}»
https://h/x#access_token=«{an:40}»&x=1
https://h/x?api_key=«{lower:20}»
https://h/x?password=«{lower:9}»
https://h/x?client_secret=«{an:24}»
https://h/x?key=«AI!za{url64:35}»
https://h/x?key=«{hex:32}»
https://h/api/fn?code=«{b64:54}==»
https://hooks.slack.com/services/«T{up:9}/B{up:9}/{an:24}»
https://api.telegram.org/bot«{d:9}:{url64:35}»/sendMessage
https://outlook.webhook.office.com/webhookb2/«{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}@{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}/IncomingWebhook/{hex:32}/{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}»
https://prod.westeurope.logic.azure.com/workflows/x/triggers/manual/paths/invoke?sp=1&sv=1.0&sig=«{url64:43}»
  «{b64:64}»\n  «{b64:64}»
> «{b64:64}»
MIIEvQIBADANBgkqhkiG9w0BAQEFAASC«{b64:60}»
key=«LS0t!LS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ{b64:100}»
key: "-----BEGIN PRIVATE KEY-----«{b64:64}{b64:64}»-----END PRIVATE KEY-----"
-----BEGIN OPENSSH PRIVATE KEY-----\n«b3BlbnNzaC1rZXktdjE{b64:51}»\n
-----BEGIN EC PRIVATE KEY-----\r\n«{b64:64}»\r\n-----END EC PRIVATE KEY-----
-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n«{b64:64}»\n=«{b64:4}»\n-----END PGP PRIVATE KEY BLOCK-----
token%3D«{an:30}»
%22token%22%3A%22«{an:30}»%22
password%3D«{lower:9}»%26x
Authorization%3A%20Bearer%20«{an:30}»
{\"token\":\"«{an:30}»\"}
"{\"name\":\"TOKEN\",\"value\":\"«{an:30}»\"}"
\"password\\\": \\\"«{an:9}»\\\"
token=\u0022«{an:30}»\u0022
'{"password": "«{an:9}»"}'
b'password=«{an:9}»&x=1'
b"Authorization: Bearer «{an:30}»"
login(user="x", password="«{lower:9}»")
connect(host, user, passwd='«{lower:9}»')
new Client({ auth: { user: 'x', pass: '«{an:9}»' } })
Login{Username:"x", Password:"«{lower:9}»"}
{Username:x Password:«{lower:9}» Token:«{an:22}»}
User(name=x, password=«{lower:9}», id=1)
#<User id: 1, password: "«{lower:9}»">
password="«{lower:9}»" username="x"
password=>"«{lower:9}»"
:password=>"«{lower:9}»"
@password="«{lower:9}»"
--data '{"password":"«{lower:9}»"}'
-d 'grant_type=x&client_secret=«{an:20}»'
-d password=«{lower:9}»
--form token=«{an:20}»
-F token=«{an:20}»
-H 'X-Api-Key: «{an:20}»'
--header="Authorization: Bearer «{an:20}»"
--header "Job-Token: «{an:20}»"
UPDATE users SET password='«{an:9}»' WHERE id=1
CREATE LOGIN x WITH PASSWORD = '«{an:9}»'
GRANT ALL ON *.* TO 'u'@'%' IDENTIFIED BY '«{an:9}»'
SET PASSWORD FOR u = '«{an:9}»'
kubectl create secret generic x --from-literal=key=«{lower:6}2{d:1}x»
kubectl create secret generic x --from-literal=a=«{lower:9}» --from-literal 'b=«{an:12}»'
pw: «{lower:6}2{d:1}x»
pw=«{lower:9}»
bindpw «{lower:6}2{d:1}x»
rootpw «{lower:6}2{d:1}x»
rootpw: «{lower:9}»
password = os.environ.get("X", "«{lower:6}2{d:1}x»")
x = os.getenv('DB_PASSWORD', '«{lower:6}2{d:1}x»')
connect(getenv("DB_PASSWORD") or "«{lower:6}2{d:1}x»")
connect(process.env.DB_PASSWORD || "«{lower:6}2{d:1}x»")
connect(process.env["API_TOKEN"] ?? '«{an:24}»')
ENV.fetch("DB_PASSWORD", "«{lower:9}»")
ENV["DB_PASSWORD"] || "«{lower:9}»"
rootpw --plaintext «{lower:6}2{d:1}x»
password → «{lower:6}2{d:1}x»
config("DB_PASSWORD", default="«{lower:9}»")
login(username, "«{lower:6}2{d:1}x»")
login("bob", "«{lower:6}2{d:1}x»")
client.sign_in('bob@example.com', '«{lower:6}2{d:1}x»')
passwd("«{lower:6}2{d:1}x»")
user.setPassword("«{lower:6}2{d:1}x»")
set_password('«{lower:6}2{d:1}x»')
the token «{an:4}7{an:8}4{an:7}» was used
secret «{an:4}7{an:8}4{an:7}»
api key «{an:4}7{an:8}4{an:7}»
token → «{an:4}7{an:8}4{an:7}»
secret → "«{an:4}7{an:8}4{an:7}»"
found «key-{hex:32}» in the file
ALTER ROLE u PASSWORD '«{an:9}»'
`
  .split('\n')
  .filter((line) => line !== '');
