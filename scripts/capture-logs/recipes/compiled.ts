// C, C++, CMake, Rust, Go and the JVM, failing to build or test. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const gcc = { needs: ['gcc', 'make'], job: 'build' };
const cmake = { needs: ['cmake', 'gcc', 'make'], job: 'build' };
const cargo = { needs: ['cargo', 'rustc'], job: 'test' };
const go = { needs: ['go'], job: 'test' };
const goEnv = { GOFLAGS: '', GOTOOLCHAIN: 'local' };
const goMod = 'module example.com/app\n\ngo 1.19\n';
const cargoToml = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n';
const mvn = 'mvn -B -o -Dmaven.repo.local=/usr/share/maven-repo';
const maven = { needs: ['mvn', 'javac'], job: 'build' };
const pom = (more = ''): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>app</artifactId>
  <version>1.0.0</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source>
    <maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.x</version><scope>test</scope></dependency>
${more}  </dependencies>
</project>
`;
const calc =
  'package com.example;\n\npublic class Calc {\n    public int sum(int a, int b) {\n        return a - b;\n    }\n}\n';
const calcTest =
  'package com.example;\n\nimport static org.junit.Assert.assertEquals;\n\nimport org.junit.Test;\n\npublic class CalcTest {\n    @Test\n    public void addsTwoNumbers() {\n        assertEquals(5, new Calc().sum(2, 3));\n    }\n}\n';
const mavenSources = {
  'src/main/java/com/example/Calc.java': calc,
  'src/test/java/com/example/CalcTest.java': calcTest,
};
const gradle = { needs: ['gradle', 'javac'], job: 'build' };
const gradleBuild =
  "apply plugin: 'java'\nrepositories { maven { url 'file:///usr/share/maven-repo' } }\ndependencies { testCompile 'junit:junit:4.x' }\n";

export const captured: Captured[] = [
  {
    ...gcc,
    name: 'gcc-compile-error',
    pattern: 'C or C++: name not declared',
    files: {
      Makefile: 'app: main.o\n\tgcc -o app main.o\nmain.o: main.c\n\tgcc -Wall -c main.c\n',
      'main.c':
        '#include <stdio.h>\nint main(void) {\n  int count = total;\n  printf("%d\\n", count)\n  return 0;\n}\n',
    },
    steps: [{ run: 'make' }],
  },
  {
    ...gcc,
    name: 'gcc-missing-header',
    pattern: 'C or C++ header not found',
    files: {
      Makefile: 'main.o: main.c\n\tgcc -Wall -c main.c\n',
      'main.c': '#include <uv.h>\nint main(void) { return 0; }\n',
    },
    steps: [{ run: 'make' }],
  },
  {
    ...gcc,
    name: 'linker-undefined-reference',
    pattern: 'Linker: undefined reference',
    files: {
      Makefile: 'app: main.c\n\tgcc -o app main.c\n',
      'main.c': 'int read_config(void);\nint main(void) { return read_config(); }\n',
    },
    steps: [{ run: 'make' }],
  },
  {
    ...gcc,
    name: 'linker-library-not-found',
    pattern: 'Linker: library not found',
    files: { 'main.c': 'int main(void) { return 0; }\n' },
    steps: [{ run: 'gcc -o app main.c -lsodium' }],
  },
  {
    ...gcc,
    name: 'linker-multiple-definition',
    pattern: 'Linker: multiple definition',
    files: { 'a.c': 'int counter = 1;\nint main(void) { return counter; }\n', 'b.c': 'int counter = 2;\n' },
    steps: [{ run: 'gcc -o app a.c b.c' }],
  },
  {
    ...gcc,
    name: 'make-no-rule',
    pattern: 'make has no rule for a target',
    files: { Makefile: 'app: main.o util.o\n\tgcc -o app main.o util.o\n', 'main.c': 'int main(void) { return 0; }\n' },
    steps: [{ run: 'make' }],
  },
  {
    ...gcc,
    name: 'make-recipe-failed',
    pattern: 'make recipe failed',
    files: { Makefile: 'docs:\n\t@test -d site\n' },
    steps: [{ run: 'make docs' }],
  },
  {
    ...gcc,
    name: 'address-sanitizer',
    pattern: 'Sanitizer report',
    files: {
      'main.c':
        '#include <stdlib.h>\nint main(void) {\n  int *rows = malloc(4 * sizeof(int));\n  free(rows);\n  return rows[1];\n}\n',
    },
    steps: [{ run: 'gcc -g -w -fsanitize=address -o app main.c\n./app' }],
  },
  {
    ...gcc,
    name: 'segmentation-fault',
    pattern: 'Segmentation fault',
    files: {
      'main.c': 'int main(int argc, char **argv) {\n  int *nothing = argc > 5 ? &argc : 0;\n  return *nothing;\n}\n',
    },
    steps: [{ run: 'gcc -o app main.c\n./app' }],
  },
  {
    ...gcc,
    name: 'shared-library-missing',
    pattern: 'Shared library missing at run time',
    files: {
      'main.c': 'int answer(void);\nint main(void) { return answer(); }\n',
      'answer.c': 'int answer(void) { return 0; }\n',
    },
    steps: [
      {
        run: 'gcc -shared -fPIC -o libanswer.so.1 answer.c\ngcc -o app main.c ./libanswer.so.1 -Wl,-rpath,/usr/lib/answer\nmv libanswer.so.1 /home/runner/\n./app',
      },
    ],
  },
  {
    ...gcc,
    name: 'library-version-not-found',
    pattern: 'Symbol version of a library not found',
    files: {
      'main.c': 'int answer(void);\nint main(void) { return answer(); }\n',
      'answer.c': 'int answer(void) { return 0; }\n',
      'v2.map': 'ANSWER_2.0 { global: answer; };\n',
      'v1.map': 'ANSWER_1.0 { global: answer; };\n',
    },
    steps: [
      {
        run: "gcc -shared -fPIC -Wl,--version-script=v2.map -Wl,-soname,libanswer.so.1 -o libanswer.so.1 answer.c\ngcc -o app main.c ./libanswer.so.1 -Wl,-rpath,'$ORIGIN'\ngcc -shared -fPIC -Wl,--version-script=v1.map -Wl,-soname,libanswer.so.1 -o libanswer.so.1 answer.c\n./app",
      },
    ],
  },
  {
    ...cmake,
    name: 'cmake-package-not-found',
    pattern: 'CMake package not found',
    files: {
      'CMakeLists.txt': 'cmake_minimum_required(VERSION 3.20)\nproject(app C)\nfind_package(fmt 10 REQUIRED)\n',
    },
    steps: [{ run: 'cmake -B build' }],
  },
  {
    ...cmake,
    name: 'cmake-error',
    pattern: 'CMake source or preset missing',
    files: { 'CMakeLists.txt': 'cmake_minimum_required(VERSION 3.20)\nproject(app C)\nadd_executable(app main.c)\n' },
    steps: [{ run: 'cmake -B build' }],
  },
  {
    ...cmake,
    name: 'ctest-failed',
    pattern: 'CTest test failed',
    files: {
      'CMakeLists.txt':
        'cmake_minimum_required(VERSION 3.20)\nproject(app C)\nenable_testing()\nadd_executable(check check.c)\nadd_test(NAME keeps_order COMMAND check)\n',
      'check.c': 'int main(void) { return 1; }\n',
    },
    steps: [{ run: 'cmake -B build\ncmake --build build\nctest --test-dir build --output-on-failure' }],
  },
  {
    ...cargo,
    name: 'rustc-error',
    pattern: 'Rust: import, module or name not found',
    files: {
      'Cargo.toml': cargoToml,
      'src/main.rs': 'fn main() {\n    let count: u32 = "three";\n    println!("{}", total);\n}\n',
    },
    steps: [{ run: 'cargo build' }],
  },
  {
    ...cargo,
    name: 'cargo-test-failed',
    pattern: 'Rust test failed',
    files: {
      'Cargo.toml': cargoToml,
      'src/lib.rs':
        'pub fn sum(a: i32, b: i32) -> i32 {\n    a - b\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(super::sum(2, 3), 5);\n    }\n    #[test]\n    fn adds_nothing() {\n        assert_eq!(super::sum(2, 0), 2);\n    }\n}\n',
    },
    steps: [{ run: 'cargo test' }],
  },
  {
    ...cargo,
    name: 'cargo-lock-outdated',
    pattern: 'Cargo.lock out of date',
    files: {
      'Cargo.toml': `${cargoToml}\n[dependencies]\nutil = { path = "util" }\n`,
      'util/Cargo.toml': cargoToml.replace('app', 'util'),
      'util/src/lib.rs': '',
      'src/main.rs': 'fn main() {}\n',
      'Cargo.lock': 'version = 3\n\n[[package]]\nname = "app"\nversion = "0.1.0"\n',
    },
    steps: [{ run: 'cargo build --locked' }],
  },
  {
    ...cargo,
    name: 'cargo-version-conflict',
    pattern: 'Cargo cannot select a version',
    files: {
      'Cargo.toml': `${cargoToml}\n[dependencies]\nutil = { path = "util", version = "2" }\n`,
      'util/Cargo.toml': cargoToml.replace('app', 'util'),
      'util/src/lib.rs': '',
      'src/main.rs': 'fn main() {}\n',
    },
    steps: [{ run: 'cargo build' }],
  },
  {
    ...cargo,
    name: 'cargo-registry-unreachable',
    pattern: 'Cargo could not fetch a dependency',
    files: { 'Cargo.toml': `${cargoToml}\n[dependencies]\nserde = "1"\n`, 'src/main.rs': 'fn main() {}\n' },
    steps: [{ run: 'cargo build', env: { CARGO_NET_RETRY: '0' } }],
  },
  {
    needs: ['cargo', 'cargo-clippy'],
    job: 'lint',
    name: 'clippy-denied',
    pattern: 'Clippy or rustc warning denied',
    files: {
      'Cargo.toml': cargoToml,
      'src/main.rs':
        'fn main() {\n    let rows: Vec<u32> = Vec::new();\n    if rows.len() == 0 {\n        println!("none");\n    }\n}\n',
    },
    steps: [{ run: 'cargo clippy -- -D warnings' }],
  },
  {
    needs: ['cargo', 'rustfmt'],
    job: 'lint',
    name: 'rustfmt-diff',
    pattern: 'rustfmt formatting',
    files: { 'Cargo.toml': cargoToml, 'src/main.rs': 'fn main( ) {\n  println!( "hello" );\n}\n' },
    steps: [{ run: 'cargo fmt --check' }],
  },
  {
    ...cargo,
    job: 'e2e',
    name: 'rust-panic',
    pattern: 'Rust panic',
    files: {
      'Cargo.toml': cargoToml,
      'src/main.rs':
        'fn main() {\n    let path = std::env::args().nth(1);\n    println!("{}", path.expect("a path is needed"));\n}\n',
    },
    steps: [{ run: 'cargo run --quiet' }],
  },
  {
    ...go,
    name: 'go-compile-error',
    pattern: 'Go: undefined name, field or method',
    files: { 'go.mod': goMod, 'main.go': 'package main\n\nfunc main() {\n\tcount := 3\n\tprintln(total)\n}\n' },
    steps: [{ run: 'go build ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-test-failed',
    pattern: 'Go test failed',
    files: {
      'go.mod': goMod,
      'sum.go': 'package app\n\nfunc Sum(a, b int) int { return a - b }\n',
      'sum_test.go':
        'package app\n\nimport "testing"\n\nfunc TestSum(t *testing.T) {\n\tt.Run("adds", func(t *testing.T) {\n\t\tif got := Sum(2, 3); got != 5 {\n\t\t\tt.Errorf("Sum(2, 3) = %d, want 5", got)\n\t\t}\n\t})\n}\n',
    },
    steps: [{ run: 'go test ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-test-timeout',
    pattern: 'Go test timed out',
    files: {
      'go.mod': goMod,
      'queue_test.go':
        'package app\n\nimport (\n\t"testing"\n\t"time"\n)\n\nfunc TestDrains(t *testing.T) {\n\ttime.Sleep(time.Minute)\n}\n',
    },
    steps: [{ run: 'go test -timeout 1s ./...', env: goEnv }],
  },
  {
    needs: ['go', 'gcc'],
    job: 'test',
    name: 'go-data-race',
    pattern: 'Go data race',
    files: {
      'go.mod': goMod,
      'count_test.go':
        'package app\n\nimport (\n\t"sync"\n\t"testing"\n)\n\nfunc TestCount(t *testing.T) {\n\tcount := 0\n\tvar group sync.WaitGroup\n\tfor i := 0; i < 2; i++ {\n\t\tgroup.Add(1)\n\t\tgo func() {\n\t\t\tdefer group.Done()\n\t\t\tcount++\n\t\t}()\n\t}\n\tgroup.Wait()\n}\n',
    },
    steps: [{ run: 'go test -race ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-panic',
    pattern: 'Go panic',
    job: 'e2e',
    files: {
      'go.mod': goMod,
      'main.go': 'package main\n\nfunc main() {\n\tvar rows map[string]int\n\trows["a"] = 1\n}\n',
    },
    steps: [{ run: 'go run .', env: goEnv }],
  },
  {
    ...go,
    name: 'go-missing-module',
    pattern: 'Go module missing from go.mod or go.sum',
    files: {
      'go.mod': goMod,
      'main.go':
        'package main\n\nimport "golang.org/x/text/language"\n\nfunc main() { println(language.English.String()) }\n',
    },
    steps: [{ run: 'go build ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-missing-sum-entry',
    pattern: 'Go module missing from go.mod or go.sum',
    files: {
      'go.mod': `${goMod}\nrequire golang.org/x/text v0.14.0\n`,
      'main.go':
        'package main\n\nimport "golang.org/x/text/language"\n\nfunc main() { println(language.English.String()) }\n',
    },
    steps: [{ run: 'go build ./...', env: goEnv }],
  },
  {
    ...go,
    name: 'go-proxy-unreachable',
    pattern: 'Go module proxy unreachable',
    files: { 'go.mod': `${goMod}\nrequire golang.org/x/text v0.14.0\n` },
    steps: [{ run: 'go mod download', env: { ...goEnv, GOPROXY: 'https://goproxy.example.org,direct' } }],
  },
  {
    ...go,
    name: 'go-vet',
    pattern: 'go vet finding',
    job: 'lint',
    files: {
      'go.mod': goMod,
      'main.go': 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Printf("%d rows\\n", "three") }\n',
    },
    steps: [{ run: 'go vet ./...', env: goEnv }],
  },
  {
    needs: ['javac'],
    job: 'build',
    name: 'javac-error',
    pattern: 'Java: symbol, class or package not found',
    files: { 'src/App.java': 'class App {\n    int count() {\n        return total;\n    }\n}\n' },
    steps: [{ run: 'javac -d out src/App.java' }],
  },
  {
    needs: ['java', 'javac'],
    job: 'test',
    name: 'java-heap-space',
    pattern: 'Java out of memory',
    files: {
      'App.java':
        'import java.util.*;\nclass App {\n    public static void main(String[] args) {\n        List<long[]> rows = new ArrayList<>();\n        for (;;) rows.add(new long[100_000]);\n    }\n}\n',
    },
    steps: [{ run: 'java -Xmx32m App.java' }],
  },
  {
    needs: ['java', 'javac', 'python3'],
    job: 'test',
    name: 'java-class-version',
    pattern: 'Class compiled for a newer Java',
    files: { 'App.java': 'class App {\n    public static void main(String[] args) {}\n}\n' },
    prepare:
      "javac App.java && python3 -c \"p='App.class'; b=bytearray(open(p,'rb').read()); b[7]=69; open(p,'wb').write(b)\"",
    steps: [{ run: 'java -cp . App' }],
  },
  {
    ...maven,
    name: 'maven-compile-error',
    pattern: 'Java: symbol, class or package not found',
    files: { 'pom.xml': pom(), 'src/main/java/com/example/Calc.java': calc.replace('a - b', 'a - c') },
    steps: [{ run: `${mvn} compile` }],
  },
  {
    ...maven,
    name: 'maven-test-failure',
    pattern: 'Maven test failure',
    files: { 'pom.xml': pom(), ...mavenSources },
    steps: [{ run: `${mvn} test` }],
  },
  {
    ...maven,
    name: 'maven-dependency-not-found',
    pattern: 'Maven dependency not resolved',
    files: {
      'pom.xml': pom(
        '    <dependency><groupId>com.example</groupId><artifactId>billing-client</artifactId><version>3.2.0</version></dependency>\n',
      ),
      ...mavenSources,
    },
    steps: [{ run: `${mvn} compile` }],
  },
  {
    ...maven,
    name: 'maven-pom-error',
    pattern: 'Maven dependency without a version',
    files: { 'pom.xml': pom().replace('<version>4.x</version>', '') },
    steps: [{ run: `${mvn} validate` }],
  },
  {
    ...gradle,
    name: 'gradle-compile-error',
    pattern: 'Gradle compilation failed',
    files: { 'build.gradle': gradleBuild, 'src/main/java/com/example/Calc.java': calc.replace('a - b', 'a - ') },
    steps: [{ run: 'gradle --no-daemon --offline compileJava' }],
  },
  {
    ...gradle,
    name: 'gradle-test-failure',
    pattern: 'Gradle test failure',
    files: { 'build.gradle': gradleBuild, ...mavenSources },
    steps: [{ run: 'gradle --no-daemon test' }],
  },
  {
    ...gradle,
    name: 'gradle-dependency-not-resolved',
    pattern: 'Gradle dependency not resolved',
    files: {
      'build.gradle': `${gradleBuild}dependencies { compile 'com.example:billing-client:3.2.0' }\n`,
      'src/main/java/com/example/Calc.java': calc,
    },
    steps: [{ run: 'gradle --no-daemon compileJava' }],
  },
  {
    ...gradle,
    name: 'gradle-build-failed',
    pattern: 'Gradle task failed',
    files: {
      'build.gradle': "task release {\n  doLast { throw new GradleException('no release notes for 1.4.0') }\n}\n",
    },
    steps: [{ run: 'gradle --no-daemon release' }],
  },
  {
    ...gcc,
    name: 'passing/make-with-warnings',
    pattern: null,
    files: {
      Makefile:
        'all: error_handler.o check\n\t./check\nerror_handler.o: error_handler.c\n\tgcc -Wall -c error_handler.c\ncheck: check.c\n\tgcc -o check check.c\n\t-rm no-such-file\n',
      'error_handler.c': 'int on_error(int code) { int unused; return code; }\n',
      'check.c':
        '#include <stdio.h>\nint main(void) { puts("ok 1 - error: message is printed"); puts("0 errors, 0 failures"); return 0; }\n',
    },
    steps: [{ run: 'make' }],
  },
  {
    ...cmake,
    name: 'passing/cmake-ctest',
    pattern: null,
    files: {
      'CMakeLists.txt':
        'cmake_minimum_required(VERSION 3.20)\nproject(app C)\nfind_package(fmt 10)\nmessage(WARNING "fmt not found, error messages are plain")\nenable_testing()\nadd_executable(check check.c)\nadd_test(NAME reports_errors COMMAND check)\n',
      'check.c': 'int main(void) { return 0; }\n',
    },
    steps: [{ run: 'cmake -B build\ncmake --build build\nctest --test-dir build --output-on-failure' }],
  },
  {
    ...cargo,
    name: 'passing/cargo-test',
    pattern: null,
    files: {
      'Cargo.toml': cargoToml,
      'src/lib.rs':
        'pub fn unused_result() -> Result<(), String> {\n    Err("failed".into())\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn handles_errors() {\n        let mut count = 0;\n        assert!(super::unused_result().is_err());\n    }\n    #[test]\n    #[should_panic(expected = "boom")]\n    fn panics_when_failed() {\n        panic!("boom");\n    }\n}\n',
    },
    steps: [{ run: 'cargo test' }],
  },
  {
    ...go,
    name: 'passing/go-test',
    pattern: null,
    files: {
      'go.mod': goMod,
      'errors_test.go':
        'package app\n\nimport "testing"\n\nfunc TestHandlesErrors(t *testing.T) {\n\tdefer func() { recover() }()\n\tt.Log("error: connection refused (expected)")\n\tpanic("expected")\n}\n\nfunc TestFailedRequest(t *testing.T) {\n\tt.Skip("fails on CI")\n}\n',
    },
    steps: [{ run: 'go vet ./...\ngo test -v ./...', env: goEnv }],
  },
  {
    ...maven,
    name: 'passing/maven-test',
    pattern: null,
    files: {
      'pom.xml': pom(),
      'src/main/java/com/example/Calc.java': calc.replace('a - b', 'a + b'),
      'src/test/java/com/example/CalcTest.java': calcTest.replace('addsTwoNumbers', 'handlesErrorsAndFailures'),
    },
    steps: [{ run: `${mvn} test` }],
  },
  {
    ...gradle,
    name: 'passing/gradle-test',
    pattern: null,
    files: {
      'build.gradle': gradleBuild,
      'src/main/java/com/example/Calc.java': calc.replace('a - b', 'a + b'),
      'src/test/java/com/example/CalcTest.java': calcTest.replace('addsTwoNumbers', 'failedRequestIsRetried'),
    },
    steps: [{ run: 'gradle --no-daemon test' }],
  },
];
