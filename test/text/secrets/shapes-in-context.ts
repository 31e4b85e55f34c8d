// Secrets of every kind, as they stand in logs: made up from a seed. `«…»` is what has to go; what stands around it is context.
import { COMMAND_FORMS } from './command-shapes.ts';
import { FURTHER_FORMS } from './further-shapes.ts';
import { makeUp } from './made-up.ts';

export interface Shape {
  readonly name: string;
  readonly text: string;
  /** What must not be readable any more, part by part. */
  readonly secrets: readonly string[];
}

const ESC = '\u001b';
const jwt = `e${'yJ'}{url64:34}.e${'yJ'}{url64:120}.{url64:43}`;
const ghp = `gh${'p_'}{an:36}`;

/** By kind: each form is one shape. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  'tokens of apps': [
    `remote: using «gh${'s_'}${jwt}» for fetch`,
    `GITHUB_TOKEN: «gh${'s_'}{d:7}_${jwt}»`,
    `token=«gh${'s_'}{an:36}»`,
    `{"token":"«gh${'s_'}{d:6}_${jwt}»","expires_at":"2026-01-01T00:00:00Z"}`,
    `Authorization: token «gh${'u_'}{an:36}»`,
    `git -c http.extraheader="AUTHORIZATION: bearer «gh${'s_'}${jwt}»" fetch`,
  ],
  options: [
    'docker login -u ci -p «{an:20}» registry.example.com',
    'docker login --username ci --password «{an:14}» ghcr.io',
    "docker login -u ci -p '«S3cr et!{an:8}»' quay.io",
    'podman login -u ci -p=«{an:16}» quay.io',
    'helm registry login example.com -u ci -p «{lower:14}»',
    'az login --service-principal -u {hex:8} -p «{url64:34}» --tenant x',
    'sshpass -p «{an:12}» ssh deploy@host uptime',
    "sshpass -p'«{an:12}»' scp a b:",
    'mysql -h db -u root -p«{an:12}» app < dump.sql',
    'mysqldump --user=root --password=«{lower:12}» app',
    'curl -u ci:«{an:20}» https://example.com/api',
    'curl -sS \\\n  -u ci:«{lower:12}» \\\n  https://example.com/api',
    'docker login ghcr.io \\\n  -u ci \\\n  -p «{lower:12}»',
    "curl --user 'ci:«{an:10}!,;{an:4}»' https://example.com/api",
    'curl -sS --proxy-user ann:«{lower:11}» https://example.com',
    'wget --http-user=ann --http-password=«{lower:12}» https://example.com/x',
    'gh auth login --with-token --token «{an:30}»',
    'npx semantic-release --token «{an:24}» --dry-run',
    'sentry-cli --auth-token «{hex:64}» releases list',
    'vercel deploy --token=«{an:24}» --prod',
    'helm upgrade app ./chart --set db.password=«{an:14}»',
    'kubectl create secret generic db --from-literal=password=«{an:16}»',
    'gpg --batch --passphrase «{lower:16}» --sign a',
    'keytool -importkeystore -srcstorepass «{an:12}» -deststorepass «{an:12}»',
    'jarsigner -storepass «{lower:10}» -keypass «{lower:10}» app.jar key',
    'mvn deploy -Dgpg.passphrase=«{an:15}»',
    './gradlew publish -PsigningPassword=«{lower:13}»',
    'openssl enc -aes-256-cbc -pass pass:«{an:14}» -in a',
    'openssl pkcs12 -export -passout pass:«{lower:12}»',
    'redis-cli -h cache -a «{an:24}» ping',
    'mongosh --host db -u root -p «{an:18}» --eval 1',
    'sqlcmd -S db -U sa -P «{an:6}!{an:6}» -Q "select 1"',
    'twine upload -u ann -p «{an:18}» dist/*',
    'dotnet nuget push app.nupkg --api-key «{low:46}» -s https://example.com',
    'vault login «{an:26}»',
    'snyk auth «{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}»',
    'echo «{an:22}» | docker login -u ci --password-stdin',
    'ldapsearch -x -D cn=admin -w «{an:12}» -b dc=example',
    'New-AzCredential -Password «{an:14}»',
    'az acr login --name x --username y --password «{url64:32}»',
    'PGPASSWORD=«{lower:12}» psql -h db -U app',
  ],
  'configuration set': [
    'aws configure set aws_secret_access_key «{b64:40}»',
    'aws configure set aws_session_token «{b64:180}»',
    'npm config set //registry.example.com/:_authToken «{an:36}»',
    'npm config set _auth «{an:32}»',
    'yarn config set npmAuthToken «{an:30}»',
    'composer config --global http-basic.repo.example.com ann «{an:20}»',
    'git config --global credential.token «{an:24}»',
    'dotnet user-secrets set "Db:Password" "«{an:14}»"',
    'pulumi config set --secret dbPassword «{an:14}»',
    'heroku config:set API_SECRET=«{lower:18}»',
    'flyctl secrets set SESSION_SECRET=«{an:40}»',
    'poetry config http-basic.private.password «{an:16}»',
    'conda config --set token «{an:20}»',
    'setx API_TOKEN «{an:24}»',
  ],
  pairs: [
    '{"name": "DB_PASSWORD", "value": "«{an:16}»"}',
    '{"value": "«{an:16}»", "name": "DB_PASSWORD"}',
    '{\n  "name": "API_TOKEN",\n  "value": "«{an:30}»"\n}',
    '{\n  "value": "«{lower:18}»",\n  "name": "CLIENT_SECRET"\n}',
    '[{"name":"PORT","value":"8080"},{"name":"JWT_SECRET","value":"«{lower:20}»"}]',
    '  - name: DB_PASSWORD\n    value: «{an:14}»',
    '  - name: SESSION_KEY\n    value: "«{an:32}»"',
    '{"Key": "AuthToken", "Value": "«{an:20}»"}',
    '{"ParameterKey": "DbPassword", "ParameterValue": "«{an:14}»"}',
    '{\\"name\\":\\"DB_PASSWORD\\",\\"value\\":\\"«{an:16}»\\"}',
    'key: API_SECRET\nvalue: «{an:18}»',
    '<add key="ClearTextPassword" value="«{an:12}»" />',
    '<add value="«{an:16}»" key="ApiSecret" />',
    '<property name="db.password" value="«{lower:12}»"/>',
    '<env name="APP_TOKEN" value="«{an:24}»"/>',
    '<name>db.password</name><value>«{an:12}»</value>',
    '<property>\n  <name>fs.secret.key</name>\n  <value>«{b64:40}»</value>\n</property>',
    '<input type="password" name="password" value="«{an:10}»">',
  ],
  xml: [
    '<password>«{lower:10}»</password>',
    '<server><id>x</id><username>ci</username><password>«{an:14}»</password></server>',
    '<token>«{an:30}»</token>',
    '<connection user="sa" password="«{an:10}»" />',
    '<privateKey type="x">«{b64:64}»</privateKey>',
    '<ns:apiKey>«{an:32}»</ns:apiKey>',
    '<secret><![CDATA[«{an:20}»]]></secret>',
    '&lt;password&gt;«{an:12}»&lt;/password&gt;',
  ],
  netrc: [
    'machine example.com login ci password «{an:20}»',
    'machine example.com\n  login ci\n  password «{lower:14}»',
    'default login anonymous password «{an:12}»',
    'machine github.com login ci password «{an:24}» account x',
    'cat ~/.netrc: machine api.example.com login ci password «{an:36}»',
  ],
  prompts: [
    'Password: «{lower:10}»',
    "Password for 'https://ci@example.com': «{an:12}»",
    '[sudo] password for runner: «{lower:9}»',
    'Enter passphrase for key /home/runner/.ssh/id_rsa: «{an:12}»',
    'Enter your API key: «{an:24}»',
    'Please enter the password> «{an:12}»',
    '? Enter token › «{an:30}»',
    'Your temporary password is «{an:12}»',
    'Generated admin password: «{an:16}»',
    'The new token is: «{an:30}»',
    'Password for user postgres: «{an:12}»',
  ],
  plans: [
    '  ~ password = "«{an:14}»" -> "«{an:15}»"',
    '  ~ secret_key: "«{an:20}»" -> "«{an:20}»"',
    '      + master_password      = "«{an:16}»"',
    '      ~ db_password          = "«{lower:14}»" -> (known after apply)',
    '  -/+ admin_token = «{an:22}» -> «{an:22}»',
    '      + "DATABASE_PASSWORD" = "«{an:16}»"',
    '  ~ "API_TOKEN" = "«{an:24}»" -> null',
  ],
  environment: [
    'DB_PASSWORD=«{lower:9}»',
    'export API_TOKEN=«{an:30}»',
    'declare -x CLIENT_SECRET="«{an:20}»"',
    '  NPM_TOKEN: «{an:36}»',
    'SMTP_PASS=«{an:6}"{an:3};{an:3},{an:2}»',
    "MAIL_PWD='«{an:5};{an:5},{an:4}»'",
    '$env:API_SECRET = "«{lower:18}»"',
    '[DB_PASSWORD] => «{an:12}»',
    'DB_PASSWORD                    «{an:14}»',
    'SESSION_SECRET=«{an:600}»',
    'SIGNING_KEY=«{b64:44}»',
    'MY_CREDENTIAL=«{lower:20}»',
    'REGISTRY_AUTH=«{an:20}»',
    'STRIPE_KEY=«{an:32}»',
    'set DB_PASS=«{an:10}»',
    'Set env SERVICE_TOKEN = «{letters:24}»',
    'APP_SECRETS="«{an:24}»"',
    'ENCRYPTION_KEY=base64:«{b64:43}=»',
    'os.environ["SECRET_KEY"] = "«{an:50}»"',
    "{'PATH': '/bin', 'DB_PASSWORD': '«{an:14}»', 'HOME': '/root'}",
  ],
  yaml: [
    'password: «{lower:10}»',
    'db:\n  password: "«{an:5} {an:5}»"',
    "clientSecret: '«{letters:32}»'",
    'api-key: «{hex:32}»',
    'auth.token: «{an:20}»',
    'password: |\n  «{an:20}»',
    'kind: Secret\ndata:\n  user: «{b64:12}»\n  cert: «{b64:32}»\n',
    'apiVersion: v1\ndata:\n  anything: «{b64:24}»\nkind: Secret\n',
    'stringData:\n  dsn: «{an:24}»\nkind: Secret',
    'rabbitmq_pass: «{an:4}#{an:8}»',
  ],
  docker: [
    '#8 [2/5] RUN --build-arg NPM_TOKEN=«{an:36}»',
    'docker build --build-arg GH_TOKEN=«{an:36}» .',
    'Step 3/9 : ARG SSH_PASSWORD=«{an:12}»',
    'Step 4/9 : ENV API_SECRET «{an:24}»',
    '|1 NPM_TOKEN=«{an:36}» /bin/sh -c npm ci',
    'docker run -e DB_PASSWORD=«{lower:12}» app',
    '{"auths":{"ghcr.io":{"auth":"«{b64:40}»"}}}',
  ],
  'connection strings': [
    'Server=db;User Id=sa;Password=«{an:5}!{an:6}»;Timeout=3',
    'Server=db;Uid=sa;Pwd=«{lower:9}»;',
    'postgres://app:«{an:12}»@db:5432/app',
    'postgresql://app:«{an:4}#{an:4}/{an:4}»@db:5432/app',
    'mysql://root:«{an:4}@{an:5}»@db/app',
    'mongodb+srv://app:«{an:8}/{an:5}»@cluster0.example.net/x?retryWrites=true',
    'redis://:«{an:24}»@cache:6379/0',
    'amqps://ci:«{lower:14}»@mq.example.com/vhost',
    'jdbc:mysql://db/app?user=root&password=«{an:12}»',
    'host=db user=app password=«{lower:10}» dbname=app',
    'app:«{an:12}»@tcp(db:3306)/app?parseTime=true',
    'Endpoint=sb://x.example.net/;SharedAccessKeyName=r;SharedAccessKey=«{b64:43}=»',
    'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=«{b64:86}==»;',
    'https://ci:«{an:20}»@example.com/repo.git',
    'https://«gh' + 'p_{an:36}»@github.com/o/r',
    'ftp://ann:«p@ss/{an:6}»@files.example.com/x',
    'smtp://mail%40example.com:«{an:14}»@smtp.example.com:587',
    'DATABASE_URL=postgres://u:«{lower:12}»@h/d',
  ],
  names: [
    'dbPassword: "«{lower:12}»"',
    'const clientSecret = "«{letters:32}»";',
    'private-key: «{b64:64}»',
    'smtp.auth.pass=«{an:12}»',
    'accessKeySecret="«{an:30}»"',
    'my.service.credential=«{lower:22}»',
    '"refreshToken":"«{an:40}»"',
    'userPwd = «{lower:10}»',
    "password => '«{an:4}\\'{an:4}»',",
    'secret = "«{an:5}\'{an:5}`{an:3}»"',
    'authtoken=«{an:32}»',
    'env("APP_SECRET", "«{an:20}»")',
    'Credentials{User:ann Password:«{an:12}»}',
    'Config { password: Some("«{lower:12}»") }',
    'admin_passwd="«{an:6}={an:6}»"',
    '"api.key" : "«{hex:40}»"',
    'webhookSecret := "«{an:24}»"',
    'aws_secret_access_key = «{b64:40}»',
    'AWS_SESSION_TOKEN=«{b64:700}»',
    'vapid_private_key: "«{url64:43}»"',
    '"client_secret":"«{an:3}~{an:12}.{an:8}»"',
    'hmac_key=«{hex:64}»',
    'X-Api-Key: «{hex:32}»',
    'x-functions-key: «{url64:54}==»',
    'Ocp-Apim-Subscription-Key: «{hex:32}»',
    'PRIVATE-TOKEN: «{url64:20}»',
    "ALTER USER app WITH PASSWORD '«{an:12}»';",
    "CREATE USER app IDENTIFIED BY '«{lower:12}»';",
    '**Password**: `«{an:12}»`',
    '| DB_PASSWORD | «{an:16}» |',
    '::set-output name=token::«{an:36}»',
    '::add-mask::«{an:20}»',
    'ConvertTo-SecureString "«{an:14}» " -AsPlainText',
  ],
  cookies: [
    'Cookie: theme=dark; session=«{an:32}»; lang=en',
    'cookie: a=b; c=d; auth=«{hex:64}»',
    'Set-Cookie: sid=«{an:40}»; Path=/; HttpOnly',
    "curl -H 'Cookie: _x=1; user_session=«{url64:48}»' https://example.com",
    '"cookie": "a=1; remember_token=«{an:30}»"',
    '< set-cookie: __Host-token=«{url64:60}»; Secure',
  ],
  authorization: [
    'Authorization: Bearer «{an:40}»',
    '> authorization: Basic «{b64:24}==»',
    'Authorization: Digest username="ann", realm="x", nonce="{hex:16}", response="«{hex:32}»"',
    'Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=«{hex:64}»',
    'Authorization: Negotiate «{b64:100}»',
    'Authorization: NTLM «{b64:56}»',
    'Authorization: SSWS «00{url64:40}»',
    'Authorization: SharedKey account:«{b64:43}=»',
    'Authorization: Hawk id="x", ts="1", nonce="a", mac="«{b64:43}=»"',
    'Authorization: OAuth oauth_consumer_key="x", oauth_signature="«{b64:27}%3D»"',
    'Authorization: GenieKey «{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}»',
    'Authorization: ApiKey «{b64:60}==»',
    'Authorization: Splunk «{hex:32}»',
    'Authorization: «{an:40}»',
    'Authorization: Token token="«{an:32}»"',
    'Proxy-Authorization: Basic «{b64:20}==»',
    `curl -H "Authorization: Bearer «${jwt}»" https://example.com`,
    "{ authorization: 'token «{an:40}»' }",
    'headers={"Authorization": "Basic «{b64:32}»"}',
    '-H "PRIVATE-TOKEN: «{url64:26}»"',
  ],
  addresses: [
    'https://x.blob.core.windows.net/c/f?sv=2022&sp=r&sig=«{an:20}%2B{an:20}%3D»',
    'https://b.s3.amazonaws.com/f?X-Amz-Expires=3600&X-Amz-Signature=«{hex:64}»',
    'https://b.s3.amazonaws.com/f?X-Amz-Security-Token=«{an:120}»&X-Amz-Date=x',
    'GET https://maps.example.com/api?key=«{an:32}»&q=x',
    'https://app.azurewebsites.net/api/f?code=«{url64:54}==»',
    'https://example.com/cb?state=x&code=«{an:40}»',
    'https://example.com/hook?token=«{an:24}»',
    'https://storage.googleapis.com/b/o?X-Goog-Signature=«{hex:128}»',
    'https://example.com/?access_token=«{an:40}»&x=1',
    'https://raw.example.com/o/r/main/f?token=«{up:26}»',
    'wss://example.com/socket?auth=«{an:32}»',
    'https://example.com/reset?x=1&amp;api_key=«{an:24}»',
  ],
  armour: [
    'npm error\n«{b64:64}»\n«{b64:64}»\n«{b64:40}»\ndone',
    '«{b64:64}»',
    '  | «{b64:64}»\n  | «{b64:64}»',
    '«{b64:70}»\n«{b64:70}»\n',
    `key: «LS0tLS1${'CRUdJTiB'}QUklWQVRFIEtFWS0tLS0t{b64:80}»`,
    `-----BEGIN RSA ${'PRIVATE'} KEY-----\\n«{b64:64}»\\n«{b64:64}»`,
    '"«{b64:64}»\\n«{b64:64}»\\n«{b64:30}»\\n-----END PRIVATE KEY-----"',
    '«b3BlbnNzaC1rZXktdjEA{b64:50}»\n«{b64:70}»',
    'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{HEX:32}\n\n«{b64:64}»\n«{b64:64}»',
  ],
};

/** Every shape with a secret of its own, from `seed`. */
export function shapesInContext(seed: number): Shape[] {
  const make = makeUp(seed);
  const written = Object.entries(FORMS).flatMap(([kind, forms]) =>
    forms.map((form, index) => shapeOf(`${kind} ${index + 1}`, make(form))),
  );
  const further = [...FURTHER_FORMS, ...COMMAND_FORMS].map((form, index) =>
    shapeOf(`further ${index + 1}`, make(form.replaceAll('!', ''))),
  );
  return [...written, ...further, ...hidden(seed + 1)];
}

function shapeOf(name: string, marked: string): Shape {
  const secrets = Array.from(marked.matchAll(/«([^»]*)»/g), ([, secret = '']) => secret);
  return { name, text: marked.replace(/[«»]/g, ''), secrets };
}

/** Tokens that are broken, split or written in another way; what must not be readable is most of them. */
function hidden(seed: number): Shape[] {
  const make = makeUp(seed);
  const shapes: Shape[] = [];
  const add = (name: string, secrets: readonly string[], text: string) =>
    shapes.push({ name: `hidden: ${name}`, text, secrets });
  const token = () => make(ghp);
  const halves = (text: string, at = 20): [string, string] => [text.slice(0, at), text.slice(at)];
  for (const between of ['\n', '\n    ', '\\\n', '" +\n  "', '\r\n', '=\n']) {
    const [left, right] = halves(token());
    add(`wrapped by ${JSON.stringify(between)}`, [left, right], `got: ${left}${between}${right}\nnext line`);
  }
  for (const sign of [
    '\u200b',
    '\u200d',
    '\ufeff',
    '\u00ad',
    '\u2060',
    `${ESC}[0m`,
    `${ESC}[1;31m`,
    `${ESC}[38;5;12m`,
    '\\u200b',
    '\\x1b[0m',
    '^[[0m',
  ]) {
    const [left, right] = halves(token(), 14);
    add(`split by ${JSON.stringify(sign)}`, [left.slice(4), right], `token ${left}${sign}${right} end`);
  }
  for (const [name, first] of [
    ['full-width', 0xff21],
    ['mathematical', 0x1d400],
  ] as const) {
    const plain = token();
    const wide = String.fromCodePoint(first + plain.charCodeAt(0) - (name === 'full-width' ? 65 : 71));
    add(`with a ${name} letter`, [plain.slice(4)], `got ${wide}${plain.slice(1)} end`);
  }
  for (const tag of ['!secret ', '!vault ', '!unsafe ', '!!str ', '!secret "']) {
    const secret = make('{lower:6}2{d:1}x');
    add(`behind the tag ${tag}`, [secret], `password: ${tag}${secret}${tag.endsWith('"') ? '"' : ''}`);
  }
  for (const form of ['"password",\n  "«»"', 'DB_PASSWORD\n=«»', 'DB_PASSWORD\r\n = «»'.replace(' = ', '=')]) {
    const secret = make('{lower:6}2{d:1}x');
    add(`on the next line: ${JSON.stringify(form)}`, [secret], form.replace('«»', secret));
  }
  const long = make(jwt);
  const lines = long.match(/.{1,76}/g) ?? [];
  add('wrapped web token', lines, `jwt:\n${lines.join('\n')}\n`);
  const percent = make(`gh${'p_'}{an:36}`);
  add('percent-encoded', [percent.slice(4)], `?next=%2Fx%3Ft%3D${percent.replace('_', '%5F')}%26y`);
  const json = make('{an:18}');
  add('JSON in JSON', [json], `"{\\"password\\":\\"${json}\\"}"`);
  add('JSON in JSON in JSON', [json], `"{\\\\\\"password\\\\\\":\\\\\\"${json}\\\\\\"}"`);
  add('JSON with escaped signs', [json], `\\u0022password\\u0022\\u003a\\u0022${json}\\u0022`);
  add('percent-encoded JSON', [json], `%7B%22password%22%3A%22${json}%22%7D`);
  add('HTML entities', [json], `{&quot;password&quot;:&quot;${json}&quot;}`);
  add('escaped line', [json], `log: "user=x\\nDB_PASSWORD=${json}\\nPORT=1"`);
  for (const plain of [
    token(),
    `x-access-token:${token()}`,
    make(`xox${'b'}-{d:12}-{d:12}-{an:24}`),
    `https://u:${make('{an:20}')}@h/x`,
  ]) {
    const encoded = Buffer.from(plain).toString('base64');
    add('base64 of a token', [encoded.slice(8, 40)], `encoded ${encoded}`);
    add('base64url of a token', [encoded.slice(8, 40)], `x=${Buffer.from(plain).toString('base64url')}&y`);
    const twice = Buffer.from(encoded).toString('base64');
    add('base64 of base64 of a token', [twice.slice(8, 40)], `encoded: ${twice}`);
  }
  const pem = `-----BEGIN ${'PRIVATE'} KEY-----\n${make('{b64:64}\n{b64:64}\n{b64:30}')}==\n-----END ${'PRIVATE'} KEY-----\n`;
  const encodedPem = Buffer.from(pem).toString('base64');
  add('base64 of a key block', [encodedPem.slice(60)], `SIGN: ${encodedPem}`);
  const wrapped = encodedPem.match(/.{1,76}/g) ?? [];
  add('wrapped base64 of a key block', wrapped, `${wrapped.join('\n')}\n`);
  return shapes;
}
