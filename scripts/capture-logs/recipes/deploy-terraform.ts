// Terraform failing without any provider, and passing with words that tempt a pattern. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const env = { TF_IN_AUTOMATION: 'true' };
const init = 'terraform init -no-color > /dev/null';
const terraform = { needs: ['terraform'], job: 'plan' };
const data = (body: string): string => `resource "terraform_data" "app" {\n${body}\n}\n`;
const random =
  'terraform {\n  required_providers {\n    random = {\n      source  = "hashicorp/random"\n      version = "~> 3.6"\n    }\n  }\n}\n';

export const captured: Captured[] = [
  {
    ...terraform,
    name: 'terraform-unsupported-argument',
    pattern: 'Terraform argument or block not supported',
    files: { 'main.tf': data('  inputs = "eu-central-1"') },
    prepare: init,
    steps: [{ run: 'terraform validate', env }],
  },
  {
    ...terraform,
    name: 'terraform-syntax-error',
    pattern: 'Terraform syntax error',
    files: { 'main.tf': data('  input = [\n    "a"\n    "b",\n  ]') },
    steps: [{ run: 'terraform init -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-declared-twice',
    pattern: 'Terraform declared twice',
    files: { 'main.tf': data('  input = 1'), 'app.tf': data('  input = 2') },
    steps: [{ run: 'terraform init -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-variable-not-valid',
    pattern: 'Terraform variable has an invalid value',
    files: {
      'main.tf':
        'variable "stage" {\n  type = string\n  validation {\n    condition     = contains(["test", "prod"], var.stage)\n    error_message = "The stage must be test or prod."\n  }\n}\noutput "stage" {\n  value = var.stage\n}\n',
    },
    prepare: init,
    steps: [{ run: 'terraform plan -input=false -var stage=produktion', env }],
  },
  {
    ...terraform,
    name: 'terraform-required-version',
    pattern: 'Terraform version not allowed by required_version',
    files: { 'main.tf': 'terraform {\n  required_version = ">= 99.0"\n}\n' },
    steps: [{ run: 'terraform init -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-module-not-installed',
    pattern: 'Terraform module not installed',
    files: { 'main.tf': 'module "network" {\n  source = "./network"\n}\n', 'network/main.tf': data('  input = 1') },
    steps: [{ run: 'terraform validate', env }],
  },
  {
    ...terraform,
    name: 'terraform-module-missing',
    pattern: 'Terraform module cannot be downloaded',
    files: { 'main.tf': 'module "network" {\n  source = "./modules/network"\n}\n' },
    steps: [{ run: 'terraform init -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-backend-not-initialised',
    pattern: 'Terraform backend needs init',
    files: { 'main.tf': 'terraform {\n  backend "local" {\n    path = "state/app.tfstate"\n  }\n}\n' },
    steps: [{ run: 'terraform plan -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-provider-missing',
    pattern: 'Terraform provider cannot be installed',
    files: { 'main.tf': random },
    steps: [{ run: 'terraform init -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-lock-inconsistent',
    pattern: 'Terraform lock file out of date',
    files: { 'main.tf': random },
    steps: [{ run: 'terraform plan -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-precondition-failed',
    pattern: 'Terraform condition failed',
    files: {
      'main.tf': data(
        '  input = "x"\n  lifecycle {\n    precondition {\n      condition     = terraform.workspace != "default"\n      error_message = "Choose a workspace first."\n    }\n  }',
      ),
    },
    prepare: init,
    steps: [{ run: 'terraform plan -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-provisioner-failed',
    pattern: 'Terraform provisioner failed',
    files: { 'main.tf': data('  provisioner "local-exec" {\n    command = "./seed.sh --stage prod"\n  }') },
    prepare: init,
    steps: [{ run: 'terraform apply -auto-approve -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-no-configuration',
    pattern: 'Terraform found no configuration',
    steps: [{ run: 'terraform plan -input=false', env }],
  },
  {
    ...terraform,
    name: 'terraform-workspace-missing',
    pattern: 'Terraform workspace does not exist',
    files: { 'main.tf': data('  input = 1') },
    prepare: init,
    steps: [{ run: 'terraform workspace select staging', env }],
  },
  {
    ...terraform,
    name: 'terraform-output-missing',
    pattern: 'Terraform error',
    files: { 'main.tf': `${data('  input = 1')}output "name" {\n  value = "app"\n}\n` },
    prepare: `${init}\nterraform apply -auto-approve -input=false > /dev/null`,
    steps: [{ run: 'terraform output -raw url', env }],
  },
  {
    ...terraform,
    name: 'passing/terraform-apply-with-failed-check',
    pattern: null,
    files: {
      'main.tf': `${data('  input = "AccessDenied: User is not authorized"')}check "health" {\n  assert {\n    condition     = terraform_data.app.output == "up"\n    error_message = "The service does not answer: Error 503."\n  }\n}\n`,
    },
    prepare: init,
    steps: [{ run: 'terraform fmt -check\nterraform apply -auto-approve -input=false', env }],
  },
];
