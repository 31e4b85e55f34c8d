// AWS' command line, kubectl and other deploy tools of the machine's package manager, failing. Read by ../run.ts.
import type { Captured, Route } from '../recipe.ts';

const aws = { needs: ['aws', 'openssl'], job: 'deploy' };
const env = {
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: '***',
  AWS_SECRET_ACCESS_KEY: '***',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_MAX_ATTEMPTS: '1',
  AWS_CA_BUNDLE: '/etc/ssl/certs/ca-certificates.crt',
};
const zip = "python3 -c \"import zipfile; zipfile.ZipFile('app.zip', 'w').writestr('index.js', '')\"";
const json = (service: string, status: number, code: string, message: string): Route[] => [
  {
    host: `${service}.eu-central-1.amazonaws.com`,
    path: '/',
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({ __type: code, message, Message: message }),
  },
];
const s3 = (host: string, status: number, code: string, message: string): Route[] => [
  {
    host,
    path: '/',
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  },
];
const bucket = 'octo-org-site.s3.eu-central-1.amazonaws.com';
const update = 'aws lambda update-function-code --function-name app --zip-file fileb://app.zip';

const kubectl = { needs: ['kubectl', 'openssl'], job: 'deploy' };
const kubeconfig = (user: string): string =>
  `apiVersion: v1\nkind: Config\ncurrent-context: prod\nclusters:\n  - name: prod\n    cluster:\n      server: https://k8s.example.com\ncontexts:\n  - name: prod\n    context:\n      cluster: prod\n      user: deployer\nusers:\n  - name: deployer\n    user:\n${user}`;
const token = { 'kubeconfig.yml': kubeconfig('      token: abc\n') };
const kube = { KUBECONFIG: 'kubeconfig.yml' };
const status = (code: number, reason: string, message: string): Route[] => [
  {
    host: 'k8s.example.com',
    path: '/',
    status: code,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }),
  },
];

export const captured: Captured[] = [
  {
    ...aws,
    name: 'aws-region-missing',
    pattern: 'AWS region missing',
    steps: [{ run: 'aws lambda list-functions', env: { ...env, AWS_DEFAULT_REGION: '' } }],
  },
  {
    ...aws,
    name: 'aws-profile-missing',
    pattern: 'AWS profile not found',
    steps: [{ run: 'aws s3 ls --profile deploy', env }],
  },
  {
    ...aws,
    name: 'aws-bucket-missing',
    pattern: 'S3 bucket does not exist',
    routes: s3(bucket, 404, 'NoSuchBucket', 'The specified bucket does not exist'),
    standIn: "S3's answer for a bucket that is not there",
    prepare: zip,
    steps: [{ run: 'aws s3 cp app.zip s3://octo-org-site/', env }],
  },
  {
    ...aws,
    name: 'aws-bucket-name-taken',
    pattern: 'S3 bucket name is taken',
    routes: s3(
      bucket,
      409,
      'BucketAlreadyExists',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    ),
    standIn: "S3's answer for a name that is taken",
    steps: [{ run: 'aws s3 mb s3://octo-org-site', env }],
  },
  {
    ...aws,
    name: 'aws-object-missing',
    pattern: 'S3 object not found',
    routes: s3(bucket, 404, 'NoSuchKey', 'The specified key does not exist.'),
    standIn: "S3's answer for an object that is not there",
    steps: [{ run: 'aws s3 cp s3://octo-org-site/app.zip .', env }],
  },
  {
    ...aws,
    name: 'aws-object-forbidden',
    pattern: 'S3 refused the request with 403',
    routes: s3(bucket, 403, 'AccessDenied', 'Access Denied'),
    standIn: "S3's answer to a role without s3:GetObject",
    steps: [{ run: 'aws s3 cp s3://octo-org-site/app.zip .', env }],
  },
  {
    ...aws,
    name: 'aws-bucket-without-acls',
    pattern: 'S3 bucket does not allow ACLs',
    routes: s3(bucket, 400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs'),
    standIn: "S3's answer to an ACL where they are switched off",
    prepare: zip,
    steps: [{ run: 'aws s3 cp app.zip s3://octo-org-site/ --acl public-read', env }],
  },
  {
    ...aws,
    name: 'aws-throttled',
    pattern: 'AWS throttled the requests',
    routes: json('lambda', 429, 'TooManyRequestsException', 'Rate exceeded'),
    standIn: "AWS Lambda's answer over its rate limit",
    prepare: zip,
    steps: [{ run: update, env }],
  },
  {
    ...aws,
    name: 'aws-quota-reached',
    pattern: 'AWS quota reached',
    routes: json(
      'api.ecr',
      400,
      'LimitExceededException',
      "The repository with name 'app' could not be created because you have exceeded the maximum number of repositories",
    ),
    standIn: "ECR's answer over its quota",
    steps: [{ run: 'aws ecr create-repository --repository-name app', env }],
  },
  {
    ...aws,
    name: 'aws-parameter-missing',
    pattern: 'AWS secret or parameter not found',
    routes: json('ssm', 400, 'ParameterNotFound', ''),
    standIn: "SSM's answer for a parameter that is not there",
    steps: [{ run: 'aws ssm get-parameter --name /app/prod/url --with-decryption', env }],
  },
  {
    ...aws,
    name: 'aws-resource-missing',
    pattern: 'AWS resource not found',
    routes: json(
      'lambda',
      404,
      'ResourceNotFoundException',
      'Function not found: arn:aws:lambda:eu-central-1:123456789012:function:app',
    ),
    standIn: "AWS Lambda's answer for a function that is not there",
    prepare: zip,
    steps: [{ run: update, env }],
  },
  {
    ...aws,
    name: 'aws-lambda-update-in-progress',
    pattern: 'Lambda update already in progress',
    routes: json(
      'lambda',
      409,
      'ResourceConflictException',
      'The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:eu-central-1:123456789012:function:app',
    ),
    standIn: "AWS Lambda's answer during an update",
    prepare: zip,
    steps: [{ run: update, env }],
  },
  {
    ...aws,
    name: 'aws-lambda-too-large',
    pattern: 'Lambda package too large',
    routes: json(
      'lambda',
      413,
      'RequestEntityTooLargeException',
      'Request must be smaller than 70167211 bytes for the UpdateFunctionCode operation',
    ),
    standIn: "AWS Lambda's answer to a package over the limit",
    prepare: zip,
    steps: [{ run: update, env }],
  },
  {
    ...aws,
    name: 'aws-lambda-runtime-old',
    pattern: 'Lambda runtime no longer supported',
    routes: json(
      'lambda',
      400,
      'InvalidParameterValueException',
      'The runtime parameter of nodejs16.x is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
    ),
    standIn: "AWS Lambda's answer to an old runtime",
    steps: [{ run: 'aws lambda update-function-configuration --function-name app --runtime nodejs16.x', env }],
  },
  {
    ...aws,
    name: 'aws-argument-wrong',
    pattern: 'AWS CLI argument wrong',
    files: { 'dist/index.html': '<p>app</p>\n' },
    steps: [{ run: 'aws s3 sync dist --delete', env }],
  },
  {
    ...aws,
    name: 'aws-call-refused',
    pattern: 'AWS refused a value of the request',
    routes: json(
      'lambda',
      400,
      'InvalidParameterValueException',
      'The provided execution role does not have permissions to call CreateNetworkInterface on EC2',
    ),
    standIn: "AWS Lambda's answer to a role that does not fit",
    steps: [{ run: 'aws lambda update-function-configuration --function-name app --memory-size 512', env }],
  },
  {
    ...aws,
    name: 'aws-stack-rolled-back',
    pattern: 'CloudFormation stack in a state that takes no update',
    routes: [
      {
        host: 'cloudformation.eu-central-1.amazonaws.com',
        path: '/',
        status: 400,
        headers: { 'content-type': 'text/xml' },
        body: '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack:arn:aws:cloudformation:eu-central-1:123456789012:stack/app/1 is in ROLLBACK_COMPLETE state and can not be updated.</Message></Error></ErrorResponse>',
      },
    ],
    standIn: "CloudFormation's answer for a stack whose first deploy failed",
    files: { 'template.yml': 'Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n' },
    steps: [{ run: 'aws cloudformation update-stack --stack-name app --template-body file://template.yml', env }],
  },
  {
    ...kubectl,
    name: 'kubectl-unauthorized',
    pattern: 'Kubernetes refused the credentials',
    files: token,
    routes: status(401, 'Unauthorized', 'Unauthorized'),
    standIn: "an API server's answer to a token that has expired",
    steps: [{ run: 'kubectl get deployments --namespace prod', env: kube }],
  },
  {
    ...kubectl,
    name: 'kubectl-forbidden',
    pattern: 'Kubernetes forbids the action',
    files: token,
    routes: status(
      403,
      'Forbidden',
      'namespaces is forbidden: User "system:serviceaccount:ci:deployer" cannot create resource "namespaces" in API group "" at the cluster scope',
    ),
    standIn: "an API server's answer to an account without the role",
    steps: [{ run: 'kubectl create namespace shop', env: kube }],
  },
  {
    ...kubectl,
    name: 'kubectl-object-missing',
    pattern: 'Kubernetes object not found',
    files: token,
    routes: status(404, 'NotFound', 'deployments.apps "shop" not found'),
    standIn: "an API server's answer for an object that is not there",
    steps: [{ run: 'kubectl get --raw /apis/apps/v1/namespaces/prod/deployments/shop', env: kube }],
  },
  {
    ...kubectl,
    name: 'kubectl-object-exists',
    pattern: 'Kubernetes object exists already',
    files: token,
    routes: status(409, 'AlreadyExists', 'namespaces "shop" already exists'),
    standIn: "an API server's answer for a name that is taken",
    steps: [{ run: 'kubectl create namespace shop', env: kube }],
  },
  {
    ...kubectl,
    name: 'kubectl-context-missing',
    pattern: 'kubectl has no usable kubeconfig',
    files: token,
    steps: [{ run: 'kubectl get pods --context staging', env: kube }],
  },
  {
    ...kubectl,
    name: 'kubectl-login-plugin-failed',
    pattern: 'kubectl cannot connect to the API server',
    files: {
      'kubeconfig.yml': kubeconfig(
        '      exec:\n        apiVersion: client.authentication.k8s.io/v1beta1\n        interactiveMode: Never\n        command: kubelogin\n        args: [get-token]\n',
      ),
    },
    steps: [{ run: 'kubectl get pods', env: kube }],
  },
  {
    ...kubectl,
    name: 'kubectl-manifest-not-valid',
    pattern: 'Kubernetes manifest not valid',
    files: { ...token, 'k8s/app.yml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  labels: app: web\n' },
    steps: [{ run: 'kubectl apply -f k8s/app.yml', env: kube }],
  },
  {
    ...kubectl,
    name: 'kubectl-path-missing',
    pattern: 'kubectl file not found',
    files: token,
    steps: [{ run: 'kubectl apply -f k8s/', env: kube }],
  },
  {
    ...kubectl,
    name: 'kustomize-resource-missing',
    pattern: 'kustomize cannot build',
    files: { 'overlays/prod/kustomization.yaml': 'resources:\n  - ../../base\n' },
    steps: [{ run: 'kubectl kustomize overlays/prod' }],
  },
  {
    ...kubectl,
    name: 'passing/kubectl-kustomize',
    pattern: null,
    files: {
      'base/kustomization.yaml': 'resources:\n  - alerts.yaml\n',
      'base/alerts.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: alerts\ndata:\n  pods: |\n    Error from server (Forbidden): shown when a role is missing\n    Warning  BackOff  kubelet  Back-off restarting failed container\n    Readiness probe failed is a warning\n',
    },
    steps: [{ run: 'kubectl kustomize base' }],
  },
  {
    needs: ['age'],
    job: 'deploy',
    name: 'age-no-identity',
    pattern: 'SOPS cannot decrypt',
    prepare:
      'age-keygen -o old.txt 2> /dev/null\nage-keygen -o key.txt 2> /dev/null\necho TOKEN=abc | age -e -i old.txt -o secrets.env.age',
    steps: [{ run: 'age --decrypt -i key.txt -o .env secrets.env.age' }],
  },
  {
    needs: ['openssl'],
    job: 'deploy',
    name: 'openssl-bad-decrypt-env',
    pattern: 'Secret file could not be decrypted',
    prepare: 'echo TOKEN=abc | openssl enc -aes-256-cbc -pbkdf2 -k old -out secrets.env.enc',
    steps: [{ run: 'openssl enc -d -aes-256-cbc -pbkdf2 -k new -in secrets.env.enc -out .env' }],
  },
  {
    needs: ['rsync'],
    job: 'deploy',
    name: 'rsync-source-missing',
    pattern: 'rsync: no access to a path',
    steps: [{ run: 'mkdir -p site\nrsync -a --delete dist/ site/' }],
  },
  {
    needs: ['hcloud'],
    job: 'deploy',
    name: 'hcloud-token-missing',
    pattern: 'Hetzner Cloud refused the request',
    steps: [{ run: 'hcloud server list' }],
  },
  {
    needs: ['az'],
    job: 'deploy',
    name: 'azure-not-logged-in',
    pattern: 'Azure login without values',
    steps: [{ run: 'az group list', env: { AZURE_CORE_COLLECT_TELEMETRY: 'false' } }],
  },
];
