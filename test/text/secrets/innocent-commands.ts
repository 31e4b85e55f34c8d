// Lines of commands, messages and names that look like those with a secret and hold none. Pure data; innocent-lines.ts makes
// them up.

/** A line each; the escapes in them are written as they are. */
export const INNOCENT_COMMANDS: readonly string[] = String.raw`
date -u +%Y-%m-%dT%H:%M:%SZ
date -u "+%Y-%m-%d %H:%M:%S"
BUILD_DATE=$(date -u +%FT%T) make image2
date -u -d @1767225600 +%H:%M:%S
grep -a "error: TS2322" build.log
grep -a 'warning: C4996' out2.txt
grep -a level:error2 app.log
rg -a "fatal: run2" logs
rg -u pattern:abc12345 src
vitest -u src/login.test.ts:42:7
npx vitest run -u test/Auth2.test.ts:108:13
jest -u src/__tests__/Session2.test.tsx:19
npx playwright test -u e2e/login2.spec.ts:12
pytest -a tests/test_login2.py::test_ok
nosetests -a speed:slow2
mocha -u tdd:qunit2 test
gradle -a :shop:compileJava
./gradlew -a :app:assembleDebug2
gradle -u :core:test17 --info
./gradlew -a shop:compileJava17Classes
./gradlew --user app:installDebugAndroidTest2
bazel test -a //src/shop:unit_test2
bazel test -a src/shop:unit_test2
bazel build -u @rules_js2//npm:defs_2
buck2 test -a fbcode//shop:unit2
cp -a C:\build\out2 D:\dist
cp -a C:/build/out2 D:/dist
cp -a ./dist2/app:latest /srv
python -u C:\work\run2.py
python -u D:/work/Run2Main.py
python3 -u script2.py:main
python -u -m pkg.module2:main
uvicorn -a app.main2:app
gunicorn -u www-data2:www-data2 app.wsgi:application2
mvn -a org.acme:shop:1.2.3
mvn -u org.acme:shop-core2:jar:1.2.3
mvn dependency:get -a org.acme:shop2:1.2.3:jar
composer require -a vendor/pkg:^2.0
composer update -a vendor/pkg2:~1.4.2
composer require -u laravel:framework10
ansible all -a 'echo build:2026.1'
ansible web -a "systemctl restart app2:main"
ansible all -u deploy -a 'stat path:/srv/app2'
docker run -u 1000:1000 img
docker run -u node:node img
docker run --user app2:staff2 img
docker run --user "1001:121" ghcr.io/acme/img2:3
docker exec -u www-data:www-data2 web php artisan
docker compose run -u 0:0 web2 ls
podman run -u root:wheel2 img
docker run --user $(id -u):$(id -g) img
kubectl exec web2 -- chown -R -u a:b2
docker run --name curl -u app2:staff2 img
apt-get install -y curl && docker run -u app2:staff2 img
sudo -u postgres psql
sudo -u postgres2 psql -c 'select 1:int'
sudo -u www-data:www2 ls
su - app2 -c 'id -u app2:x'
chown -u a:b
chown -R -u app2:staff2 /srv
install -o app2 -u app2:group2 bin /usr/bin
id -u app2
useradd -u 1001 -g 1001 app2
git branch -u origin/feature2:main
git push -u origin HEAD:refs/heads/feature-2
git fetch -u origin main:main2
git commit -a -m "fix: login2"
git tag -a v1.2.3 -m "release: v1.2.3"
git add -u src:app2
npm run build -a web:build2
npx nx run -a shop:build:production2
npx nx affected -a web2:test
yarn workspaces foreach -a run build:es2022
pnpm -a run build:es2022
turbo run -a web2:lint
rustup -u nightly:2026-01-15
cargo update -u serde:1.0.228
go get -u github.com/acme/shop2@v1.2.3
go test -a -run Shop2:Cart
pip install -u requests2:2.31
conda install -u numpy:2.1.0
brew upgrade -a node:node22
patch -u src/a.c2:b
diff -u a/src/app2.ts:10 b/src/app2.ts:12
sort -u -t: -k2 passwd2
tar -a -cf out2.tar.gz dir:sub2
rsync -a host2:/srv/app2 .
rsync -a --delete dist/ deploy2:/var/www/app2
rsync -au web2:shop2 dest
scp -u host2:app2.tgz .
ls -a C:\Users\runner2
robocopy -a C:\src2 D:\dst2
journalctl -u docker.service:app2
journalctl -u app@2:main --since 12:00:00
systemctl --user status app2:web
systemd-run --user unit:app2
zip -u out2.zip a:b2
unzip -u C:\out2.zip
xargs -a list:file2 echo
lsof -a -i :8080
ps -u app2:grp -o pid,cmd
top -u app2:x
aws s3 sync -u s3://bucket2/a:b2 .
terraform plan -u module.app2:main
helm upgrade -a chart2:1.2.3
tshark -a duration:60 -i eth0
tshark -a filesize:10240x
ffmpeg -u 0:1a2b3c -i a
snmpwalk -u user2 -a SHA:x
pg_dump -a -t public:users2
psql -a -f schema2:public.sql
sqlite3 -a db2:main
tee -a logs/build2:main.txt
echo "checking login2" | grep login
echo v1.2.3-login | tee login.txt
echo "Deploying v2 | login page"
echo "step2: done | docker login next"
echo "user2 | --password-stdin is safe"
echo 'use v2 | gh auth login --with-token'
echo "release2026 notes" | grep -- "--password-stdin"
echo "release2026 notes" | tee docs/login-flow.md
echo "app2:ready" | grep -v passwd
echo "app2:x:1000" | tee -a /etc/passwd
echo "build2026ok" | sed 's/login/logout/'
echo build2026ok || docker login ghcr.io -u ci --password-stdin < token.txt
echo build2026ok && cat token.txt | docker login ghcr.io -u ci --password-stdin
echo build2026ok; cat token.txt | gh auth login --with-token
printf '%s\n' "checking login2" | grep login
printf "checking2 %s" login | tee login2.log
echo "::group::docker login v2" | tee log
echo "Test login2 passed" | mail -s login ann@example.com
echo "$TOKEN" | docker login ghcr.io -u ci --password-stdin
echo §{{ secrets.GHCR }} | docker login ghcr.io -u ci --password-stdin
cat token2.txt | docker login ghcr.io -u ci --password-stdin
docker login page2 is not found
Running vault login step-2 of 4
vault login page
vault login succeeded
cargo login successful
Error: cargo login failed
snyk auth completed
nuget pack -p Configuration=Release2
nuget pack app2.nuspec -p Configuration=Release2;Version=1.2.3
nuget restore -p build2
dotnet pack -p:Version=1.2.3-beta2
dotnet build -p Configuration=Release2
msbuild App2.sln -p:Platform=x64 /p:DeployOnBuild=true2
security find-identity -p codesigning
security find-identity -v -p codesigning build2.keychain
security list-keychains -d user -s build2.keychain
security set-keychain-settings -lut 21600 build2.keychain
security import cert2.p12 -k build2.keychain -T /usr/bin/codesign
security scan -p src2
openssl req -new -k foo
openssl req -new -key server2.pem -out server2.csr
openssl x509 -k foo2 -in cert2.pem
openssl version -p build2
openssl s_client -connect example.com:443 -k server2
codecov -t unit-tests-2026
codecov -t backend2026-shard-1
codecov -f coverage2.xml -t integration2
./codecov -t frontend2026tests
semgrep -t src2
semgrep scan -t rules2026
percy exec -t 5000ms2
coveralls -t lcov2026
snyk test -t node20alpine
infracost breakdown -t plan2.json
cc-test-reporter codeclimate -t lcov2
svn checkout -p trunk2
liquibase update -p changelog2
flyway migrate -p release2
signtool verify /p a2.exe
docker run -d --name mysql -p 3306:3306 mysql:8
docker run -d --name mongo -p 27017:27017 mongo:7
docker run -d --name mongo -p 127.0.0.1:27017:27017/tcp mongo:7
apt-get install -y mysql-client && mkdir -p build2/out
apt-get install -y sshpass && mkdir -p build2
apt-get install -y zip && xargs -P 8 -n1 echo1
apt-get install zip; cmake -P install2.cmake
sshpass -e ssh -p 2222 deploy@host
sshpass -f pass.txt ssh -p 2222 deploy@host2
mysql -u root -p app < dump2.sql
mysqldump -u root -p shop2 > dump2.sql
mysql -h 127.0.0.1 -P 33062 shop2
7z x -p out2.7z
docker build -t acme/login . && docker run -p 8080:80 acme/login
docker compose -f login.yml up -p shop2026
docker compose logs login-service2 -p x2026
docker run -p 8080:80 acme/login2 -p 9090:90
helm template login-chart2 -p values2026
gh variable set NODE_VERSION -b node20.1
gh pr create -b "fix login2"
curl -sS -u "$USER:$TOKEN" https://example.com
curl -u §{USER}:§{TOKEN} https://example.com
curl -u user:password https://example.com
curl -u <user>:<password> https://example.com
curl -s https://example.com/a2.tgz | tar -xzf - -C dir:sub2
curl -fsSL https://example.com/install2.sh | bash -s -- -u app2:staff2
http -a user:pass GET https://example.com
npm install https://example.com/a2.tgz -a web:build2
skopeo copy docker://example.com/app2:1 docker://example.com/app2:2
Error: secret "regcred-2026" not found
Error: secret regcred-2026 not found
Error: secrets "regcred-2026" already exists
Error from server (NotFound): secrets "regcred-2026" not found
Error from server (AlreadyExists): secrets "db-creds-2026" already exists
Error from server (Forbidden): secrets "app2-tls" is forbidden: User "ci2" cannot get resource
MountVolume.SetUp failed for volume "certs" : secret "tls-cert-2026" not found
Warning  FailedMount  12s  kubelet  MountVolume.SetUp failed for volume "certs": secret "tls-2026-prod" not found
Error: couldn't find key db2 in Secret default/db-2026
warning: secret 'SHOP_TOKEN_2' is not defined
Error: secret 'SHOP_TOKEN_2' is missing
Error: secret SHOP_TOKEN_2 could not be found
fatal: secret "shop-api-2" does not exist
ERROR: secret "db_password_2" not found in vault2
error: token 'GH_TOKEN_2' is not set
secret: "regcred-2026" not found
secret 'SHOP_TOKEN_2' already exists
Secret "app2-tls" is invalid: data: Required value
secret/regcred-2026 created
turbo-key = 9f86d081884c7d65
turbo-key: 9f86d081884c7d65
cache-key = 9f86d081884c7d65
cache_key: 9f86d081884c7d659a2feaa0c55ad015
cacheKey=9f86d081884c7d65
restore-key = 9f86d081884c7d65
restore-keys: 9f86d081884c7d65
hash key = 9f86d081884c7d65
hash-key: 9f86d081884c7d65
primary key = 9f86d081884c7d65
primary-key: 9f86d081884c7d65
foreign key = 9f86d081884c7d65
foreign_key=9f86d081884c7d65
sort key = 9f86d081884c7d65
sort-key: 9f86d081884c7d65
partition-key: 9f86d081884c7d65
nx-key = {hex:40}
sccache key: {hex:64}
layer-key={hex:32}
Set-Cookie: theme=dark; Path=/; HttpOnly
Set-Cookie: lang=en-GB; Path=/
Set-Cookie: locale=de_DE; Max-Age=3600; SameSite=Lax
Set-Cookie: timezone=Europe/Berlin; Secure
Set-Cookie: currency=EUR; Domain=example.com
Set-Cookie: sidebar=open; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT
Cookie: theme=dark; lang=en
< set-cookie: color-scheme=light; path=/
lint (auth: oauth2-google)
lint (auth: oauth2-github)
test (auth: node-18)
test (auth: saml2-okta, node: 20)
e2e (auth: oauth2-google, db: postgres-15)
integration (token: jwt-v2)
build (key: postgres-15)
build (auth=oauth2-google)
deploy (credentials: basic-auth2)
test (session-key: redis-7)
test (encryption-key: aes-gcm-12)
build / test (api-key: vault-1.15, ubuntu-24)
auth: oauth2-proxy-7
auth: keycloak-26.0.1
auth: ghcr.io/acme/img2:latest
test (jwt: rs256-2048)
sign (signing-key: ed25519-2026)
token: cl100k_base
pin: python3.12
pin: ubuntu22.04-x64
jwt: HS256-only
pass: mem2reg-pass
wget -U "Mozilla/5.0 (X11; rv:10.0)" https://example.com
wget -U mozilla:5.0abc https://example.com
aria2c -u 10M:20M https://example.com
echo "x2y" | docker exec -i db psql -U login
echo "select 1 from login2" | docker exec -i db mysql -u login
echo '{"login2": 1}' | gh api --input - user/login
echo "abc2" | gh issue create -F - --label login
echo build2 | npm run login
echo "version2" | aws s3 cp - s3://b/login
FailedToRetrieveImagePullSecret: secret regcred-2026
Required secret: API_KEY_2
missing secret: API_KEY_2
Missing required secrets: API_KEY_2, DB_PASSWORD_2
Error: Secret API_KEY_V2 is required, but not provided while calling.
secret: projects/123/secrets/shop-2/versions/3
arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-2026-AbCdEf
System.Web, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a
public_key_token=31bf3856ad364e35
"trust", "reject", "md5", "password", "scram-sha-256",
redact: ['key', 'path.to.key', 'password', 'users.*.password']
console.log(aliceSecret === bobSecret);
`
  .split('\n')
  .filter((line) => line !== '');
