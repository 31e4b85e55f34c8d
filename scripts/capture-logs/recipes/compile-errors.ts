// Code that compilers refuse, one kind of reason a log: names, types, arguments, rules of the language. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const stable =
  'mkdir -p /opt/rust && mount --bind "$(rustc --print sysroot)" /opt/rust && export PATH="/opt/rust/bin:$PATH"';
const cargo = { needs: ['cargo', 'rustc'], job: 'build', before: stable };
const manifest = '[package]\nname = "cart"\nversion = "0.3.0"\nedition = "2021"\n';
const go = { needs: ['go'], job: 'build' };
const goEnv = { GOFLAGS: '', GOTOOLCHAIN: 'local' };
const goMod = 'module example.com/cart\n\ngo 1.19\n';
const gcc = { needs: ['gcc', 'g++'], job: 'build' };

export const captured: Captured[] = [
  {
    ...cargo,
    name: 'rust-private-item',
    pattern: 'Rust compile error',
    files: {
      'Cargo.toml': manifest,
      'src/lib.rs': 'mod store {\n    fn open() {}\n}\npub fn run() {\n    store::open();\n}\n',
    },
    steps: [{ run: 'cargo build' }],
  },
  {
    ...cargo,
    name: 'rust-method-not-found',
    pattern: 'Rust: method, field or variant not found',
    files: {
      'Cargo.toml': manifest,
      'src/lib.rs': 'pub struct Cart {\n    rows: u8,\n}\npub fn sum(cart: Cart) -> u8 {\n    cart.total()\n}\n',
    },
    steps: [{ run: 'cargo check' }],
  },
  {
    ...cargo,
    name: 'rust-mismatched-types',
    pattern: 'Rust: types or arguments do not match',
    files: {
      'Cargo.toml': manifest,
      'src/lib.rs': 'pub fn rows() -> u8 {\n    open(3, 4)\n}\nfn open(rows: u8) -> u8 {\n    rows\n}\n',
    },
    steps: [{ run: 'cargo check' }],
  },
  {
    ...cargo,
    name: 'rust-trait-bound',
    pattern: 'Rust: trait bound not satisfied',
    files: {
      'Cargo.toml': manifest,
      'src/lib.rs':
        'pub struct Cart;\npub fn send<T: Send + Copy>(_row: T) {}\npub fn run(cart: Cart) {\n    send(cart);\n}\n',
    },
    steps: [{ run: 'cargo check' }],
  },
  {
    ...go,
    name: 'go-unused-import',
    pattern: 'Go: unused variable or import',
    files: { 'go.mod': goMod, 'main.go': 'package main\n\nimport "os"\n\nfunc main() {\n\trows := 3\n}\n' },
    steps: [{ run: 'go build ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-mismatched-types',
    pattern: 'Go: types or arguments do not match',
    files: {
      'go.mod': goMod,
      'main.go': 'package main\n\nfunc open(rows int) int { return rows }\n\nfunc main() {\n\topen("three")\n}\n',
    },
    steps: [{ run: 'go vet ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-syntax-error',
    pattern: 'Go compile error',
    files: { 'go.mod': goMod, 'main.go': 'package main\n\nfunc main() {\n\tif rows := 3 {\n\t}\n' },
    steps: [{ run: 'go build ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-log-after-test',
    pattern: 'Go: test logs or fails after it has ended',
    files: {
      'go.mod': goMod,
      'cart_test.go': `package cart

import (
	"testing"
	"time"
)

func TestSync(t *testing.T) {
	go func() {
		time.Sleep(50 * time.Millisecond)
		t.Error("not synced")
	}()
}

func TestRows(t *testing.T) {
	time.Sleep(300 * time.Millisecond)
}
`,
    },
    steps: [{ run: 'go test ./...', env: goEnv }],
  },
  {
    ...gcc,
    name: 'gcc-no-matching-function',
    pattern: 'C or C++: types or arguments do not match',
    files: {
      'cart.cpp':
        'struct Store {\n  int open(int rows);\n};\nint main() {\n  Store store;\n  return store.open("three", 4);\n}\n',
    },
    steps: [{ run: 'g++ -c cart.cpp' }],
  },
  {
    ...gcc,
    name: 'gcc-static-assertion',
    pattern: 'C or C++: the code refuses this build',
    files: {
      'cart.cpp': '#if __cplusplus < 202002L\n#error "cart needs C++20"\n#endif\nint main() {}\n',
    },
    steps: [{ run: 'g++ -std=c++17 -c cart.cpp' }],
  },
  {
    ...gcc,
    name: 'gcc-syntax-error',
    pattern: 'C or C++ compile error',
    files: { 'cart.c': 'int rows(void)\n{\n  int count = 3\n  return count;\n}\n' },
    steps: [{ run: 'gcc -c cart.c' }],
  },
  {
    ...gcc,
    name: 'linker-object-truncated',
    pattern: 'Linker: object or library file broken',
    files: {
      'main.c': 'int rows(void);\nint main(void) { return rows(); }\n',
      'rows.c': 'int rows(void) { return 3; }\n',
    },
    prepare: 'gcc -c rows.c && head -c 300 rows.o > part && mv part rows.o && rm rows.c',
    steps: [{ run: 'gcc -o cart main.c rows.o' }],
  },
  {
    needs: ['gcc', 'objcopy'],
    job: 'build',
    name: 'linker-other-architecture',
    pattern: 'Linker: object or library of another architecture',
    files: {
      'main.c': 'int rows(void);\nint main(void) { return rows(); }\n',
      'rows.c': 'int rows(void) { return 3; }\n',
    },
    prepare: 'gcc -c rows.c && objcopy -O elf32-i386 --remove-section=.eh_frame rows.o rows-32.o && rm rows.o rows.c',
    steps: [{ run: 'gcc -o cart main.c rows-32.o' }],
  },
  {
    needs: ['javac'],
    job: 'build',
    name: 'javac-syntax-error',
    pattern: 'Java compile error',
    files: { 'src/Cart.java': 'class Cart {\n    int rows() {\n        return 3\n    }\n}\n' },
    steps: [{ run: 'javac -d out src/Cart.java' }],
  },
  {
    needs: ['javac'],
    job: 'build',
    name: 'javac-types',
    pattern: 'Java: types, calls or overrides do not fit',
    files: {
      'src/Cart.java':
        'class Cart implements Runnable {\n    int rows(int count) {\n        return rows("three");\n    }\n}\n',
    },
    steps: [{ run: 'javac -d out src/Cart.java' }],
  },
  {
    needs: ['kotlinc'],
    job: 'build',
    name: 'kotlinc-syntax-error',
    pattern: 'Kotlin compile error',
    files: { 'Cart.kt': 'fun main() {\n  println(3)\n' },
    steps: [{ run: 'kotlinc Cart.kt -d out' }],
  },
  {
    needs: ['scalac'],
    job: 'build',
    name: 'scalac-not-found',
    pattern: 'Scala: name or member not found',
    files: { 'Cart.scala': 'object Cart {\n  val rows = total\n  val size = "three".count(3).sum\n}\n' },
    steps: [{ run: 'scalac -nobootcp Cart.scala' }],
  },
  {
    needs: ['ghc'],
    job: 'build',
    name: 'ghc-not-in-scope',
    pattern: 'Haskell: module or name not found',
    files: { 'src/Cart.hs': 'module Cart where\n\nimport Data.Rows\n\nrows :: Int\nrows = total\n' },
    steps: [{ run: 'ghc -isrc src/Cart.hs' }],
  },
  {
    needs: ['ghc'],
    job: 'build',
    name: 'ghc-parse-error',
    pattern: 'Haskell compile error',
    files: { 'src/Cart.hs': 'module Cart where\n\nrows :: Int\nrows = (3 +\n' },
    steps: [{ run: 'ghc -isrc src/Cart.hs' }],
  },
  {
    needs: ['gcc', 'make'],
    job: 'build',
    name: 'configure-compiler-does-not-work',
    pattern: 'configure: compiler missing or not working',
    files: {
      configure: `#!/bin/sh
echo "checking for gcc... \${CC:-gcc}"
printf 'checking whether the C compiler works... '
echo 'int main(void) { return 0; }' > conftest.c
if \${CC:-gcc} $CFLAGS $LDFLAGS -o conftest conftest.c 2> config.log; then echo yes; else
  echo no
  echo "configure: error: in \\\`$(pwd)':" >&2
  echo 'configure: error: C compiler cannot create executables' >&2
  echo "See \\\`config.log' for more details" >&2
  exit 77
fi
`,
    },
    steps: [{ run: 'sh ./configure', env: { LDFLAGS: '-fuse-ld=nosuch' } }],
  },
];
