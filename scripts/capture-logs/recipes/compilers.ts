// C, C++ and Fortran compilers, linkers, checkers and test frameworks, each failing in one way. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const gcc = { needs: ['gcc', 'g++'], job: 'build' };
const main = 'int main(void) { return 0; }\n';

export const captured: Captured[] = [
  {
    ...gcc,
    name: 'gcc-werror',
    pattern: 'Compiler warning treated as error',
    files: {
      Makefile: 'app: main.cpp\n\tg++ -Wall -Werror -o app main.cpp\n',
      'main.cpp': 'int main() {\n  int rows = 3;\n  return 0;\n}\n',
    },
    steps: [{ run: 'make' }],
  },
  {
    needs: ['clang'],
    job: 'build',
    name: 'clang-werror',
    pattern: 'Compiler warning treated as error',
    files: { 'main.c': 'static int rows(void) { return 3; }\nint main(void) {\n  if (1 == 2);\n  return 0;\n}\n' },
    steps: [{ run: 'clang -Wall -Werror -o app main.c' }],
  },
  {
    ...gcc,
    name: 'gcc-option-unknown',
    pattern: 'Compiler does not know an option',
    files: { 'main.cpp': main },
    steps: [{ run: 'g++ -std=c++26 -o app main.cpp' }],
  },
  {
    needs: ['clang'],
    job: 'build',
    name: 'clang-option-unknown',
    pattern: 'Compiler does not know an option',
    files: { 'main.c': main },
    steps: [{ run: 'clang -fzero-call-used-regz=all -o app main.c' }],
  },
  {
    ...gcc,
    name: 'gcc-input-missing',
    pattern: 'Compiler input file missing',
    files: { 'main.c': main },
    steps: [{ run: 'gcc -O2 -o app main.c build/table.c' }],
  },
  {
    ...gcc,
    name: 'linker-not-position-independent',
    pattern: 'Linker: object built without -fPIC or library not listed',
    files: { 'a.c': 'static int rows[4];\nint *first(void) { return rows; }\n' },
    steps: [
      { run: 'gcc -fno-pic -mcmodel=large -c -o a.o a.c\ngcc -fno-pic -c -o a.o a.c\ngcc -shared -o liba.so a.o' },
    ],
  },
  {
    ...gcc,
    name: 'valgrind-errors',
    pattern: 'Valgrind found errors',
    needs: ['gcc', 'valgrind'],
    files: {
      'main.c':
        '#include <stdlib.h>\nint main(void) {\n  int *rows = malloc(8);\n  rows[3] = 1;\n  free(rows);\n  return 0;\n}\n',
    },
    steps: [{ run: 'gcc -g -o app main.c\nvalgrind --error-exitcode=1 ./app' }],
  },
  {
    ...gcc,
    name: 'assertion-aborted',
    pattern: 'C or C++ program aborted',
    files: {
      'main.cpp':
        '#include <stdexcept>\nint main(int argc, char **) {\n  if (argc < 5) throw std::runtime_error("no rows");\n  return 0;\n}\n',
    },
    steps: [{ run: 'g++ -o app main.cpp\n./app' }],
  },
  {
    ...gcc,
    name: 'make-check-crashed',
    pattern: 'Program crashed under make or a test runner',
    needs: ['gcc', 'make'],
    files: {
      Makefile: 'check: app\n\t./app\napp: main.c\n\tgcc -o app main.c\n',
      'main.c': '#include <signal.h>\nint main(void) {\n  raise(SIGSEGV);\n  return 0;\n}\n',
    },
    steps: [{ run: 'make check' }],
  },
  {
    ...gcc,
    name: 'symbol-lookup-error',
    pattern: 'Symbol missing in a shared library at run time',
    files: {
      'main.c': 'int ring_open(void);\nint main(void) { return ring_open(); }\n',
      'new.c': 'int ring_open(void) { return 0; }\n',
      'old.c': 'int ring_close(void) { return 0; }\n',
    },
    steps: [
      {
        run: "gcc -shared -fPIC -o libring.so new.c\ngcc -o app main.c ./libring.so -Wl,-rpath,'$ORIGIN'\ngcc -shared -fPIC -o libring.so old.c\n./app",
      },
    ],
  },
  {
    ...gcc,
    name: 'googletest-failed',
    pattern: 'GoogleTest test failed',
    job: 'test',
    files: {
      'ring_test.cpp':
        '#include <gtest/gtest.h>\nTEST(Ring, IsEmpty) { EXPECT_EQ(0, 0); }\nTEST(Ring, KeepsOrder) { EXPECT_EQ(1, 2); }\n',
    },
    prepare: 'g++ -o ring_test ring_test.cpp -lgtest -lgtest_main -lpthread',
    steps: [{ run: './ring_test' }],
  },
  {
    ...gcc,
    name: 'catch2-failed',
    pattern: 'Catch2, doctest or Boost.Test assertion failed',
    job: 'test',
    files: {
      'ring_test.cpp':
        '#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\nTEST_CASE("ring keeps order") {\n  int first = 1;\n  REQUIRE(first == 2);\n}\n',
    },
    prepare: 'g++ -o ring_test ring_test.cpp',
    steps: [{ run: './ring_test' }],
  },
  {
    ...gcc,
    name: 'passing/googletest-and-catch2',
    pattern: null,
    job: 'test',
    files: {
      'ring_test.cpp':
        '#include <gtest/gtest.h>\n#include <cstdio>\nTEST(Ring, FailedPushIsReported) { std::puts("error: ring is full (expected)"); EXPECT_EQ(0, 0); }\n',
      'other_test.cpp':
        '#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\nTEST_CASE("reports errors") {\n  CHECK_THROWS(throw 1);\n}\n',
    },
    prepare: 'g++ -o ring_test ring_test.cpp -lgtest -lgtest_main -lpthread\ng++ -o other_test other_test.cpp',
    steps: [{ run: './ring_test\n./other_test' }],
  },
  {
    needs: ['clang-format'],
    job: 'lint',
    name: 'clang-format-violation',
    pattern: 'clang-format: file not formatted',
    files: { 'ring.cpp': 'int  main( ) {\nreturn 0;}\n' },
    steps: [{ run: 'clang-format --dry-run -Werror ring.cpp' }],
  },
  {
    needs: ['clang-tidy'],
    job: 'lint',
    name: 'clang-tidy-finding',
    pattern: 'clang-tidy finding',
    files: { 'ring.cpp': 'int *first() { return 0; }\nint main() { return first() == 0; }\n' },
    steps: [{ run: "clang-tidy --checks='-*,modernize-use-nullptr' --warnings-as-errors='*' ring.cpp --" }],
  },
  {
    needs: ['cppcheck'],
    job: 'lint',
    name: 'cppcheck-finding',
    pattern: 'cppcheck or cpplint finding',
    files: { 'ring.c': 'int main(void) {\n  int rows[2];\n  rows[5] = 1;\n  return rows[0];\n}\n' },
    steps: [{ run: 'cppcheck --error-exitcode=1 ring.c' }],
  },
  {
    needs: ['gfortran'],
    job: 'build',
    name: 'gfortran-error',
    pattern: 'Fortran compile error',
    files: { 'grid.f90': 'program grid\n  use cells\n  implicit none\n  print *, rows\nend program\n' },
    steps: [{ run: 'gfortran -o grid grid.f90' }],
  },
  {
    needs: ['clang-tidy', 'cppcheck', 'clang'],
    job: 'lint',
    name: 'passing/c-linters-with-warnings',
    pattern: null,
    files: {
      'ring.cpp':
        'int *first() { return 0; }\nint main() {\n  int rows;\n  int unused = 3;\n  return first() == 0;\n}\n',
    },
    steps: [
      {
        run: "clang++ -Wall -Wextra -o ring ring.cpp\nclang-tidy --checks='-*,modernize-*,cppcoreguidelines-init-variables' ring.cpp --\ncppcheck --enable=all ring.cpp",
      },
    ],
  },
];
