// Docker, Kubernetes, Terraform, AWS, and the package managers of Ruby and PHP, failing. Read by ../run.ts.
import type { Captured, Route } from '../recipe.ts';

/** A daemon of its own, with one image `base` made from busybox, in the job's namespaces. */
const dockerd = `mkdir -p /opt/docker /opt/base /run/docker && mount -t tmpfs tmpfs /run
mount --bind /usr/bin/docker /usr/local/bin/docker 2>/dev/null || true
/usr/sbin/dockerd --iptables=false --bridge=none --storage-driver=vfs --data-root /opt/docker --exec-root /run/docker --pidfile /run/d.pid > /dev/null 2>&1 &
until docker version > /dev/null 2>&1; do sleep 0.3; done
cp /bin/busybox /opt/base/ && printf 'FROM scratch\\nCOPY busybox /bin/busybox\\nRUN ["/bin/busybox","--install","/bin"]\\n' > /opt/base/Dockerfile
DOCKER_BUILDKIT=0 docker build -q -t base /opt/base > /dev/null
chmod 666 /var/run/docker.sock`;
const docker = { needs: ['docker', 'dockerd', 'busybox'], job: 'image', before: dockerd };
const buildkit = { DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain' };
const registry = (status: number, code: string, message: string): Route[] => [
  {
    host: 'ghcr.io',
    path: '/v2/octo-org',
    status,
    headers: { 'content-type': 'application/json', 'docker-distribution-api-version': 'registry/2.0' },
    body: JSON.stringify({ errors: [{ code, message }] }),
  },
  {
    host: 'ghcr.io',
    path: '/v2/',
    status: 200,
    headers: { 'content-type': 'application/json', 'docker-distribution-api-version': 'registry/2.0' },
    body: '{}',
  },
];
const pull = {
  needs: ['docker', 'dockerd', 'busybox', 'openssl'],
  job: 'image',
  before: dockerd,
  steps: [{ run: 'docker pull ghcr.io/octo-org/base:22' }],
};
const aws = { needs: ['aws', 'openssl'], job: 'deploy' };
const awsEnv = {
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: '***',
  AWS_SECRET_ACCESS_KEY: '***',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_MAX_ATTEMPTS: '1',
  AWS_CA_BUNDLE: '/etc/ssl/certs/ca-certificates.crt',
};
const sts = (code: string, message: string): Route[] => [
  {
    host: 'lambda.eu-central-1.amazonaws.com',
    path: '/',
    status: 403,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({ message, Message: message }),
  },
];

export const captured: Captured[] = [
  {
    needs: ['docker'],
    job: 'image',
    name: 'docker-daemon-not-running',
    pattern: 'Docker daemon not reachable',
    before: 'mount -t tmpfs tmpfs /run',
    steps: [{ run: 'docker build -t app .', env: { DOCKER_BUILDKIT: '0' } }],
    files: { Dockerfile: 'FROM scratch\n' },
  },
  {
    ...docker,
    name: 'docker-build-command-failed',
    pattern: 'Docker build: a RUN command failed',
    files: { Dockerfile: 'FROM base\nCOPY . /app\nRUN test -f /app/dist/index.js\n', '.dockerignore': 'dist\n' },
    steps: [{ run: 'docker build --network=none -t app .', env: buildkit }],
  },
  {
    ...docker,
    name: 'docker-build-legacy-command-failed',
    pattern: 'Docker build: a RUN command failed',
    files: { Dockerfile: 'FROM base\nCOPY . /app\nRUN test -f /app/dist/index.js\n' },
    steps: [{ run: 'docker build -t app .', env: { DOCKER_BUILDKIT: '0' } }],
  },
  {
    ...docker,
    name: 'docker-copy-not-found',
    pattern: 'Docker build: file to copy not found',
    files: { Dockerfile: 'FROM base\nCOPY dist /app\n', '.dockerignore': 'dist\n', 'dist/index.js': '' },
    steps: [{ run: 'docker build --network=none -t app .', env: buildkit }],
  },
  {
    ...docker,
    name: 'dockerfile-parse-error',
    pattern: 'Dockerfile invalid',
    files: { Dockerfile: 'FROM base\nRUNN npm ci\n' },
    steps: [{ run: 'docker build --network=none -t app .', env: buildkit }],
  },
  {
    ...docker,
    name: 'dockerfile-missing',
    pattern: 'Dockerfile not found',
    steps: [{ run: 'docker build -t app -f docker/Dockerfile .', env: buildkit }],
  },
  {
    ...pull,
    name: 'docker-pull-rate-limit',
    pattern: 'Docker pull rate limit',
    routes: registry(
      429,
      'TOOMANYREQUESTS',
      'You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
    ),
    standIn: "Docker Hub's answer over its pull limit",
  },
  {
    ...pull,
    name: 'docker-manifest-unknown',
    pattern: 'Container image or tag not found',
    routes: registry(404, 'MANIFEST_UNKNOWN', 'manifest unknown'),
    standIn: "a registry's answer for a tag that is not there",
  },
  {
    ...pull,
    name: 'docker-pull-denied',
    pattern: 'Container registry denied access',
    routes: registry(403, 'DENIED', 'denied'),
    standIn: "ghcr.io's answer without read access",
  },
  {
    needs: ['kubectl'],
    job: 'deploy',
    name: 'kubectl-connection-refused',
    pattern: 'kubectl cannot reach a cluster',
    files: { 'deploy.yml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n' },
    steps: [{ run: 'kubectl apply -f deploy.yml' }],
  },
  {
    needs: ['terraform'],
    job: 'plan',
    name: 'terraform-state-locked',
    pattern: 'Terraform state locked',
    files: {
      'main.tf': 'resource "terraform_data" "wait" {\n  provisioner "local-exec" {\n    command = "sleep 6"\n  }\n}\n',
    },
    prepare: 'terraform init -no-color > /dev/null',
    steps: [
      {
        run: 'terraform apply -auto-approve -input=false > first.log &\nsleep 3\nterraform apply -auto-approve -input=false',
        env: { TF_IN_AUTOMATION: 'true' },
      },
    ],
  },
  {
    needs: ['terraform'],
    job: 'plan',
    name: 'terraform-configuration-error',
    pattern: 'Terraform error',
    files: { 'main.tf': 'resource "terraform_data" "app" {\n  input = var.regoin\n}\nvariable "region" {}\n' },
    prepare: 'terraform init -no-color > /dev/null',
    steps: [{ run: 'terraform validate', env: { TF_IN_AUTOMATION: 'true' } }],
  },
  {
    needs: ['terraform'],
    job: 'plan',
    name: 'terraform-variable-missing',
    pattern: 'Terraform variable without a value',
    files: { 'main.tf': 'variable "region" {}\noutput "region" {\n  value = var.region\n}\n' },
    prepare: 'terraform init -no-color > /dev/null',
    steps: [{ run: 'terraform plan -input=false', env: { TF_IN_AUTOMATION: 'true' } }],
  },
  {
    ...aws,
    name: 'aws-no-credentials',
    pattern: 'AWS credentials missing',
    steps: [
      {
        run: 'aws s3 sync dist s3://octo-org-site',
        env: { AWS_EC2_METADATA_DISABLED: 'true', AWS_DEFAULT_REGION: 'eu-central-1' },
      },
    ],
    files: { 'dist/index.html': '<p>app</p>\n' },
  },
  {
    ...aws,
    name: 'aws-access-denied',
    pattern: 'AWS denied an action',
    routes: sts(
      'AccessDeniedException',
      'User: arn:aws:sts::123456789012:assumed-role/deploy/session is not authorized to perform: lambda:UpdateFunctionCode on resource: arn:aws:lambda:eu-central-1:123456789012:function:app because no identity-based policy allows the lambda:UpdateFunctionCode action',
    ),
    standIn: "AWS Lambda's answer for a role without the action",
    prepare: "python3 -c \"import zipfile; zipfile.ZipFile('app.zip', 'w').writestr('index.js', '')\"",
    steps: [{ run: 'aws lambda update-function-code --function-name app --zip-file fileb://app.zip', env: awsEnv }],
  },
  {
    ...aws,
    name: 'aws-token-expired',
    pattern: 'AWS credentials expired or invalid',
    routes: sts('ExpiredTokenException', 'The security token included in the request is expired'),
    standIn: "AWS Lambda's answer for an expired session",
    prepare: "python3 -c \"import zipfile; zipfile.ZipFile('app.zip', 'w').writestr('index.js', '')\"",
    steps: [{ run: 'aws lambda update-function-code --function-name app --zip-file fileb://app.zip', env: awsEnv }],
  },
  {
    needs: ['bundle', 'ruby'],
    job: 'test',
    name: 'bundler-gem-not-found',
    pattern: 'Bundler could not find a gem',
    files: { Gemfile: "source 'https://rubygems.org'\ngem 'left_pad_rails', '~> 3.0'\n" },
    steps: [{ run: 'bundle install --local' }],
  },
  {
    needs: ['rspec'],
    job: 'test',
    name: 'rspec-failure',
    pattern: 'RSpec example failed',
    files: {
      'spec/price_spec.rb':
        "RSpec.describe 'price' do\n  it 'keeps the cents' do\n    expect(250 / 100).to eq(2.5)\n  end\nend\n",
    },
    steps: [{ run: 'rspec' }],
  },
  {
    needs: ['php'],
    job: 'build',
    name: 'php-fatal-error',
    pattern: 'PHP autoload file missing',
    files: { 'bin/build.php': '<?php\nrequire "vendor/autoload.php";\n' },
    steps: [{ run: 'php bin/build.php' }],
  },
  {
    needs: ['phpunit'],
    job: 'test',
    name: 'phpunit-failure',
    pattern: 'PHPUnit test failed',
    files: {
      'tests/PriceTest.php':
        '<?php\nuse PHPUnit\\Framework\\TestCase;\n\nfinal class PriceTest extends TestCase\n{\n    public function testKeepsTheCents(): void\n    {\n        $this->assertSame(2.5, 250 % 100);\n    }\n}\n',
    },
    steps: [{ run: 'phpunit tests' }],
  },
  {
    needs: ['composer'],
    job: 'test',
    name: 'composer-unresolvable',
    pattern: 'Composer: PHP version does not fit',
    files: {
      'composer.json':
        '{ "repositories": [{ "packagist.org": false }], "require": { "php": "^9.0", "octo-org/missing": "^1.0" } }\n',
    },
    steps: [{ run: 'composer install --no-interaction --no-progress' }],
  },
  {
    ...docker,
    name: 'passing/docker-build',
    pattern: null,
    files: {
      Dockerfile:
        'FROM base\nCOPY . /app\nRUN test -f /app/index.js || echo "error: no build yet"\nRUN echo "ERROR handling enabled, 0 failed"\n',
      'index.js': '',
    },
    steps: [{ run: 'docker build --network=none -t app .', env: buildkit }],
  },
  {
    needs: ['terraform'],
    job: 'plan',
    name: 'passing/terraform-plan',
    pattern: null,
    files: { 'main.tf': 'resource "terraform_data" "error_page" {\n  input = "Error 404"\n}\n' },
    prepare: 'terraform init -no-color > /dev/null',
    steps: [{ run: 'terraform validate\nterraform plan -input=false', env: { TF_IN_AUTOMATION: 'true' } }],
  },
];
