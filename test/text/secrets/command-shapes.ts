// Secrets that commands are given, in the many ways there are: `«…»` is what has to go. They keep the rules for commands from
// being too narrow. Pure data; shapes-in-context.ts makes the lines up.

/** A line each. */
export const COMMAND_FORMS: readonly string[] = `
curl -u user:«pa55word{an:3}» https://example.com
curl --user 'admin:«s3cr:et{an:3}»' https://example.com
curl --user admin:«hunter{an:4}» https://example.com
curl --user=admin:«hunter{an:4}» https://example.com
curl -sSu ci:«{an:12}» https://example.com
curl -fsSLu "ci:«{an:12}»" https://example.com
curl -X POST -H 'Accept: a; q=1' -u ci:«{lower:11}» https://example.com
curl -U proxy:«{an:12}» -x http://p:3128 https://example.com
curl -u :«{an:30}» https://example.com/_apis
curl -u «{an:32}»: https://example.com/v1
curl -u admin:«{d:8}» https://example.com
curl -u 'ann@example.com:«{an:24}»' https://example.com
curl.exe -u ci:«{an:12}» https://example.com
"$CURL" -u ci:«{an:12}» https://example.com
/usr/bin/curl -u ci:'«{an:12}»' https://example.com
docker run --rm curlimages/curl curl -u ci:«{lower:12}» https://example.com
kubectl exec web -- curl -u elastic:«{lower:12}» localhost:9200
sudo curl -u ci:«{lower:12}» https://example.com
x=$(curl -s -u ci:«{lower:12}» https://example.com)
+ curl -sS -u ci:«{lower:12}» https://example.com
apt-get install -y curl && curl -u ci:«{lower:12}» https://example.com
http -a user:«pw{an:8}» https://example.com
https -a user:«{lower:10}» example.com
xh -a user:«{lower:10}» https://example.com
xh --auth user:«{lower:10}» https://example.com
http --auth=user:«{lower:10}» https://example.com
ab -A user:«{lower:10}» https://example.com/
java -jar jenkins-cli.jar -auth ci:«{lower:10}» build x
skopeo copy --src-creds ci:«{lower:12}» docker://a docker://b
skopeo copy --dest-creds=ci:«{an:12}» docker://a docker://b
skopeo inspect --creds "ci:«{an:12}»" docker://a
podman pull --creds ci:«{an:12}» quay.io/a/b
fetcher -u ci:«{an:8}9aB1cD7x{an:8}» https://example.com
mytool --user deploy:«q7X{an:9}k2Z9» run
docker login -u x -p «{an:9}» registry.example.com
docker login registry.example.com -u x -p«{an:9}»
docker login -u x -p "«{an:5} {an:5}»" && docker push a
docker build . && docker login -u x -p «{lower:9}»
echo «{an:20}» | docker login --password-stdin
echo "«{an:20}»" | docker login ghcr.io -u ci --password-stdin
echo '«{an:20}»' | docker login ghcr.io -u 'ci' --password-stdin
echo -n «{an:20}» | podman login quay.io -u ci --password-stdin
printf '%s' "«{an:20}»" | docker login ghcr.io -u ci --password-stdin
printf «{an:20}» | helm registry login example.com -u ci --password-stdin
sh -c "echo «{an:20}» | docker login -u ci --password-stdin" && echo done
echo «{an:20}» | tr -d x | docker login -u ci --password-stdin
echo "«{an:20}|{an:4}»" | docker login -u ci --password-stdin
echo «{an:30}» | gh auth login --with-token
echo «{an:30}» | gh auth login
echo «{an:30}» | vault login -
echo "«{an:12}»" | sudo -S apt-get update
echo "root:«{an:12}»" | sudo chpasswd
echo "«{an:12}»" | passwd --stdin root
echo «{an:12}» | gpg --batch --passphrase-fd 0 -d a
echo "«{an:20}»" | cargo login
mysql -p«S3cret{an:3}»
mysql -uroot -p«{lower:8}» -h db shop < a.sql
mysqldump -u root -p"«{an:9}»" shop > a.sql
docker exec db mysql -uroot -p«{an:9}» -e "select 1"
mysqladmin -u root -p'«{an:4};{an:5}»' status
mariadb -p«{an:9}» shop
sshpass -p «{lower:7}» ssh -p 2222 host
sshpass -p«{lower:7}» scp a b:
sshpass -p '«{an:4} {an:4}»' ssh host
sshpass -v -p «{an:8}» ssh host
helm registry login -u ci -p «{an:9}» example.com
nuget push a.nupkg -k «{lower:3}{an:40}» -s https://example.com
dotnet nuget push a.nupkg -k «{an:46}»
nuget.exe push a.nupkg -ApiKey «{an:40}»
dotnet nuget add source https://example.com -n x -u ci -p «{an:12}»
codecov -t «{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}» -f a.xml
./codecov -t «{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}»
codecovcli upload-process -t «{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}»
codacy-coverage-reporter report -t «{hex:8}1a2b3c{hex:18}»
twine upload -u ci -p «{an:12}» dist/*
python -m twine upload --repository x -p «{lower:10}» dist/*
security create-keychain -p «{lower:10}» build.keychain
security set-key-partition-list -S apple-tool: -s -k «{an:10}» build.keychain
security import c.p12 -k build.keychain -P «{an:10}» -T /usr/bin/codesign
openssl enc -aes-256-cbc -d -k «{an:10}» -in a
openssl aes-256-cbc -K «{hex:64}» -iv {hex:32} -in a
openssl pkcs12 -export -passout pass:«{an:10}» -in a
gh secret set SHOP -b «{an:14}»
gh secret set SHOP -b "«{lower:14}»"
mongo -u root -p «{an:10}» shop
mongodump --uri x -u root -p '«{an:10}»'
7z a -p«{an:10}» a.7z b
zip -r -P «{an:10}» a.zip b && cmake -P install.cmake
redis-cli -a «{lower:12}» ping
ldapsearch -D cn=x -w «{lower:10}» -b dc=x
vault login «hv!s.{an:24}»
vault login -no-print «{an:26}»
Set-Cookie: theme=dark; session=«{an:24}»; Path=/
Set-Cookie: session=«{lower:12}»; Path=/
Cookie: lang=en; remember_me=«{an:24}»
Set-Cookie: theme=«{an:32}»; Path=/
auth: «{an:20}»
(auth: «{hex:6}-{an:20}»)
token: «{an:4}-{an:8}-{an:12}»
Error: secret=«{an:14}» was refused
error: password "«{an:14}»" was refused for user x: password=«{an:12}»
secret "password" = "«{an:14}»"
signing-key = «{hex:32}»
TOKEN=«{lower:4}-{lower:4}-{lower:4}»
API_TOKEN=«{hex:4}9a-{hex:4}b7-{hex:4}3c»
licence-key: «{up:4}7-{up:5}-{up:5}-{up:5}»
if (password === '«{an:12}»') return
CLIENT_SECRET=«{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}»
Error: secret «{an:24}» not found
secret: "«{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}»" not found
DB_PASSWORD=«summer-2026»
DEBUG: secret=«{lower:9}»
app: secret: «{lower:10}»
config: token: «{lower:22}»
warning: secret=«swordfish-{d:2}» not found
password: «node-18-{an:4}»
npm config set //example.com/:_authToken «{an:36}»
`
  .split('\n')
  .filter((line) => line !== '');
