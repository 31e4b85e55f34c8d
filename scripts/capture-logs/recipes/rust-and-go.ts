// Rust of today with Cargo, and Go: the ways their builds and checks fail that can be had here. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

/** rustup's stable toolchain of the machine, where a hosted runner has it on the PATH. */
const stable =
  'mkdir -p /opt/rust && mount --bind "$(rustc --print sysroot)" /opt/rust && export PATH="/opt/rust/bin:$PATH"';
const cargo = { needs: ['cargo', 'rustc'], job: 'test', before: stable };
const manifest = '[package]\nname = "ring"\nversion = "0.3.0"\nedition = "2021"\n';
const go = { needs: ['go'], job: 'test' };
const goEnv = { GOFLAGS: '', GOTOOLCHAIN: 'local' };
const goMod = 'module example.com/ring\n\ngo 1.19\n';

export const captured: Captured[] = [
  {
    ...cargo,
    name: 'rustc-syntax-error',
    pattern: 'Rust syntax or macro error',
    files: { 'Cargo.toml': manifest, 'src/main.rs': 'fn main() {\n    let rows = vec![1, 2, 3;\n}\n' },
    steps: [{ run: 'cargo build' }],
  },
  {
    ...cargo,
    name: 'rust-stable-current',
    pattern: 'Rust: borrow, move or lifetime error',
    files: {
      'Cargo.toml': manifest,
      'src/lib.rs':
        'pub fn rows() -> Vec<u8> {\n    let all = String::new();\n    drop(all);\n    all.into_bytes()\n}\n',
    },
    steps: [{ run: 'cargo check --all-targets' }],
  },
  {
    ...cargo,
    name: 'rust-feature-on-stable',
    pattern: 'Rust feature needs nightly',
    files: { 'Cargo.toml': manifest, 'src/lib.rs': '#![feature(test)]\nextern crate test;\n' },
    steps: [{ run: 'cargo build' }],
  },
  {
    ...cargo,
    name: 'rust-target-missing',
    pattern: 'Rust target not installed',
    files: { 'Cargo.toml': manifest, 'src/lib.rs': 'pub fn rows() -> u8 {\n    3\n}\n' },
    steps: [{ run: 'cargo build --target thumbv7em-none-eabihf' }],
  },
  {
    ...cargo,
    name: 'clippy-denied-current',
    pattern: 'Clippy or rustc warning denied',
    files: { 'Cargo.toml': manifest, 'src/lib.rs': 'pub fn rows() -> u8 {\n    return 3;\n}\n' },
    steps: [{ run: 'cargo clippy --all-targets -- -D warnings' }],
  },
  {
    ...cargo,
    name: 'cargo-subcommand-missing',
    pattern: 'Cargo subcommand not installed',
    files: { 'Cargo.toml': manifest, 'src/lib.rs': '' },
    steps: [{ run: 'cargo hack check --each-feature' }],
  },
  {
    ...cargo,
    name: 'cargo-feature-missing',
    pattern: 'Cargo package or feature not found',
    files: { 'Cargo.toml': manifest, 'src/lib.rs': '' },
    steps: [{ run: 'cargo test --features tls' }],
  },
  {
    ...cargo,
    name: 'cargo-manifest-missing',
    pattern: 'Cargo manifest invalid or missing',
    files: { 'Cargo.toml': '[workspace]\nmembers = ["crates/core"]\n' },
    steps: [{ run: 'cargo build --workspace' }],
  },
  {
    ...cargo,
    name: 'cargo-rust-version-too-new',
    pattern: 'Rust toolchain older than a crate needs',
    files: { 'Cargo.toml': `${manifest}rust-version = "1.199"\n`, 'src/lib.rs': '' },
    steps: [{ run: 'cargo check' }],
  },
  {
    ...cargo,
    name: 'cargo-build-script-failed',
    pattern: 'Rust build script failed',
    files: {
      'Cargo.toml': manifest,
      'build.rs': 'fn main() {\n    panic!("RING_TABLE is not set");\n}\n',
      'src/lib.rs': '',
    },
    steps: [{ run: 'cargo build' }],
  },
  {
    ...cargo,
    name: 'rust-linker-missing',
    pattern: 'Rust linker not found',
    files: {
      'Cargo.toml': manifest,
      '.cargo/config.toml': '[build]\nrustflags = ["-C", "linker=clang-19"]\n',
      'src/main.rs': 'fn main() {}\n',
    },
    steps: [{ run: 'cargo build' }],
  },
  {
    ...cargo,
    name: 'cargo-test-current',
    pattern: 'Rust test failed',
    files: {
      'Cargo.toml': manifest,
      'src/lib.rs':
        '#[cfg(test)]\nmod tests {\n    #[test]\n    fn keeps_order() {\n        assert_eq!(vec![1, 2], vec![2, 1]);\n    }\n}\n',
    },
    steps: [{ run: 'cargo test --quiet' }],
  },
  {
    ...cargo,
    name: 'rust-doc-test-failed',
    pattern: 'Rust doc test failed',
    files: {
      'Cargo.toml': manifest,
      'src/lib.rs': '/// ```\n/// assert_eq!(ring::rows(), 4);\n/// ```\npub fn rows() -> u8 {\n    3\n}\n',
    },
    steps: [{ run: 'cargo test --doc' }],
  },
  {
    ...cargo,
    name: 'rust-test-crashed',
    pattern: 'Rust program crashed',
    files: {
      'Cargo.toml': manifest,
      'src/lib.rs':
        '#[cfg(test)]\nmod tests {\n    #[test]\n    fn aborts() {\n        std::process::abort();\n    }\n}\n',
    },
    steps: [{ run: 'cargo test' }],
  },
  {
    ...cargo,
    name: 'rustdoc-broken-link',
    pattern: 'rustdoc finding',
    files: { 'Cargo.toml': manifest, 'src/lib.rs': '//! See [`Ringg`].\npub struct Ring;\n' },
    steps: [{ run: 'cargo doc --no-deps', env: { RUSTDOCFLAGS: '-D warnings' } }],
  },
  {
    ...cargo,
    name: 'cargo-publish-dirty',
    pattern: 'cargo publish: uncommitted changes',
    job: 'release',
    files: {
      'Cargo.toml': `${manifest}license = "MIT"\ndescription = "A ring"\nhomepage = "https://example.com"\n`,
      'src/lib.rs': '',
    },
    prepare:
      'git init -q && git add -A && git -c user.name=ci -c user.email=ci@example.com commit -qm "add ring" && echo "pub fn rows() {}" > src/lib.rs',
    steps: [{ run: 'cargo package' }],
  },
  {
    ...cargo,
    name: 'cargo-publish-refused',
    pattern: 'cargo publish refused',
    job: 'release',
    files: {
      'Cargo.toml': `${manifest}license = "MIT"\ndescription = "A ring"\n\n[dependencies]\ncore2 = { path = "core2" }\n`,
      'src/lib.rs': '',
      'core2/Cargo.toml': '[package]\nname = "core2"\nversion = "0.1.0"\nedition = "2021"\n',
      'core2/src/lib.rs': '',
    },
    steps: [{ run: 'cargo package --allow-dirty' }],
  },
  {
    ...cargo,
    name: 'passing/cargo-clippy-and-doc-tests',
    pattern: null,
    files: {
      'Cargo.toml': manifest,
      'src/lib.rs':
        '/// ```should_panic\n/// ring::fail();\n/// ```\npub fn fail() {\n    panic!("failed on purpose");\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    #[should_panic]\n    fn fails() {\n        super::fail();\n    }\n    #[test]\n    fn reports_error() {\n        eprintln!("error: connection refused (expected)");\n    }\n    fn unused() {}\n}\n',
    },
    steps: [{ run: 'cargo clippy --all-targets\ncargo fmt --check\ncargo test' }],
  },
  {
    ...go,
    name: 'go-toolchain-too-old',
    pattern: 'Go toolchain too old for the module',
    files: { 'go.mod': 'module example.com/ring\n\ngo 1.23.0\n', 'ring.go': 'package ring\n' },
    steps: [{ run: 'go build ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-std-package-too-new',
    pattern: 'Go toolchain too old for the module',
    files: { 'go.mod': goMod, 'ring.go': 'package ring\n\nimport "log/slog"\n\nvar Log = slog.Default()\n' },
    steps: [{ run: 'go vet ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-not-in-module',
    pattern: 'Go: not in a module',
    files: { 'src/ring.go': 'package ring\n' },
    steps: [{ run: 'go test ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-nil-pointer',
    pattern: 'Go nil pointer or runtime panic',
    files: {
      'go.mod': goMod,
      'ring_test.go':
        'package ring\n\nimport "testing"\n\ntype Ring struct{ rows []int }\n\nfunc TestFirst(t *testing.T) {\n\tvar ring *Ring\n\tif ring.rows[0] != 1 {\n\t\tt.Fatal("not first")\n\t}\n}\n',
    },
    steps: [{ run: 'go test ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-race-without-cgo',
    pattern: 'cgo: C compiler missing',
    files: { 'go.mod': goMod, 'ring.go': 'package ring\n' },
    steps: [{ run: 'go test -race ./...', env: { ...goEnv, CGO_ENABLED: '0' } }],
  },
  {
    ...go,
    name: 'go-generate-tool-missing',
    pattern: 'go generate: tool missing',
    files: { 'go.mod': goMod, 'ring.go': 'package ring\n\n//go:generate stringer -type=Kind\n' },
    steps: [{ run: 'go generate ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-embed-missing',
    pattern: 'Go package or embedded file not found',
    files: {
      'go.mod': goMod,
      'web/web.go': 'package web\n\nimport "embed"\n\n//go:embed dist/*\nvar Files embed.FS\n',
    },
    steps: [{ run: 'go build ./...', env: goEnv }],
  },
  {
    needs: ['gofmt'],
    job: 'lint',
    name: 'gofmt-diff',
    pattern: 'gofmt formatting',
    files: { 'ring.go': 'package ring\nfunc  Rows( ) int { return 3 }\n' },
    steps: [{ run: 'gofmt -d . | tee changes.diff\ntest ! -s changes.diff' }],
  },
  {
    needs: ['protoc'],
    job: 'build',
    name: 'protoc-import-missing',
    pattern: 'buf: lint, breaking or build failure',
    files: { 'ring.proto': 'syntax = "proto3";\nimport "acme/common.proto";\nmessage Ring { Row first = 1; }\n' },
    steps: [{ run: 'protoc --cpp_out=. ring.proto' }],
  },
  {
    needs: ['protoc'],
    job: 'build',
    name: 'protoc-plugin-missing',
    pattern: 'protoc plugin not found',
    files: { 'ring.proto': 'syntax = "proto3";\nmessage Ring { int32 first = 1; }\n' },
    steps: [{ run: 'protoc --go-grpc_out=. ring.proto' }],
  },
];
