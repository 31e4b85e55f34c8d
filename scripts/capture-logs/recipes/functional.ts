// Haskell, OCaml, Nim, D, Crystal, Elm, Solidity, Verilog, Lua, Perl and Tcl, each failing in one way. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

/** A configuration without a package server: what is installed is all there is. */
const cabal = {
  needs: ['ghc', 'cabal'],
  job: 'build',
  prepare: 'mkdir -p ~/.cabal && echo "jobs: 1" > ~/.cabal/config',
};
const cabalFile = (more: string): string =>
  `cabal-version: 2.4\nname: ring\nversion: 0.1.0\nbuild-type: Simple\n\nlibrary\n  exposed-modules: Ring\n  hs-source-dirs: src\n  build-depends: base\n  default-language: Haskell2010\n${more}`;
const dune = { needs: ['dune', 'ocaml'], job: 'build' };

export const captured: Captured[] = [
  {
    ...cabal,
    name: 'ghc-error',
    pattern: 'Haskell: types or instances do not fit',
    files: { 'ring.cabal': cabalFile(''), 'src/Ring.hs': 'module Ring where\n\nrows :: Int\nrows = length 3\n' },
    steps: [{ run: 'cabal v2-build --offline' }],
  },
  {
    ...cabal,
    name: 'cabal-unresolvable',
    pattern: 'cabal: dependencies not resolved',
    files: {
      'ring.cabal': cabalFile('').replace('base\n', 'base, rows >= 2\n'),
      'src/Ring.hs': 'module Ring where\n',
    },
    steps: [{ run: 'cabal v2-build --offline' }],
  },
  {
    ...cabal,
    name: 'cabal-no-package',
    pattern: 'cabal: no package here',
    files: { 'README.md': 'rows\n' },
    steps: [{ run: 'cabal v2-build' }],
  },
  {
    needs: ['ghc'],
    job: 'test',
    name: 'hspec-failed',
    pattern: 'Haskell test failed',
    files: {
      'test/Spec.hs':
        'import Test.Hspec\n\nmain :: IO ()\nmain = hspec $ describe "Ring" $ do\n  it "keeps order" $ (1 :: Int) `shouldBe` 2\n  it "is empty" $ (0 :: Int) `shouldBe` 0\n',
    },
    prepare: 'ghc -o spec test/Spec.hs',
    steps: [{ run: './spec' }],
  },
  {
    needs: ['ghc'],
    job: 'test',
    name: 'tasty-failed',
    pattern: 'Haskell test failed',
    files: {
      'test/Spec.hs':
        'import Test.Tasty\nimport Test.Tasty.HUnit\n\nmain :: IO ()\nmain = defaultMain $ testGroup "Ring"\n  [ testCase "keeps order" (1 @?= (2 :: Int)), testCase "is empty" (0 @?= (0 :: Int)) ]\n',
    },
    prepare: 'ghc -o spec test/Spec.hs',
    steps: [{ run: './spec' }],
  },
  {
    ...cabal,
    name: 'cabal-test-failed',
    pattern: 'Haskell test suite failed',
    job: 'test',
    files: {
      'ring.cabal': cabalFile(
        '\ntest-suite rows\n  type: exitcode-stdio-1.0\n  main-is: Spec.hs\n  hs-source-dirs: test\n  build-depends: base\n  default-language: Haskell2010\n',
      ),
      'src/Ring.hs': 'module Ring where\n',
      'test/Spec.hs': 'import System.Exit\n\nmain :: IO ()\nmain = exitWith (ExitFailure 1)\n',
    },
    steps: [{ run: 'cabal v2-test --offline' }],
  },
  {
    ...cabal,
    name: 'cabal-package-failed',
    pattern: 'cabal or stack: package did not build',
    files: {
      'ring.cabal': cabalFile('').replace(
        'build-type: Simple',
        'build-type: Custom\n\ncustom-setup\n  setup-depends: base, Cabal',
      ),
      'Setup.hs': 'import System.Exit\n\nmain :: IO ()\nmain = exitWith (ExitFailure 4)\n',
      'src/Ring.hs': 'module Ring where\n',
    },
    steps: [{ run: 'cabal v2-build --offline' }],
  },
  {
    ...dune,
    name: 'ocaml-error',
    pattern: 'OCaml compile error',
    files: {
      'dune-project': '(lang dune 2.9)\n',
      dune: '(executable (name ring))\n',
      'ring.ml': 'let rows = 3 + "four"\nlet () = print_int rows\n',
    },
    steps: [{ run: 'dune build' }],
  },
  {
    ...dune,
    name: 'dune-library-missing',
    pattern: 'dune: library or rule not found',
    files: {
      'dune-project': '(lang dune 2.9)\n',
      dune: '(executable (name ring) (libraries rows))\n',
      'ring.ml': 'let () = Rows.show ()\n',
    },
    steps: [{ run: 'dune build' }],
  },
  {
    ...dune,
    name: 'dune-output-differs',
    pattern: 'dune: formatting or expected output differs',
    job: 'test',
    files: {
      'dune-project': '(lang dune 2.9)\n',
      dune: '(test (name ring))\n',
      'ring.ml': 'let () = print_endline "three rows"\n',
      'ring.expected': 'four rows\n',
    },
    steps: [{ run: 'dune runtest' }],
  },
  {
    needs: ['nim'],
    job: 'build',
    name: 'nim-error',
    pattern: 'Nim compile error',
    files: { 'ring.nim': 'let rows: int = "three"\necho rows\n' },
    steps: [{ run: 'nim c --hints:off ring.nim' }],
  },
  {
    needs: ['nim'],
    job: 'test',
    name: 'nim-test-failed',
    pattern: 'Nim test or package failed',
    files: { 'tring.nim': 'import unittest\n\nsuite "ring":\n  test "keeps order":\n    check 1 == 2\n' },
    steps: [{ run: 'nim c -r --hints:off --verbosity:0 tring.nim' }],
  },
  {
    needs: ['ldc2'],
    job: 'build',
    name: 'd-error',
    pattern: 'D compile error',
    files: { 'source/ring.d': 'void main() {\n    int rows = "three";\n}\n' },
    steps: [{ run: 'ldc2 source/ring.d' }],
  },
  {
    needs: ['ldc2'],
    job: 'test',
    name: 'd-unittest-failed',
    pattern: 'D unit test failed',
    files: { 'source/ring.d': 'int rows() { return 3; }\nunittest {\n    assert(rows() == 4);\n}\nvoid main() {}\n' },
    steps: [{ run: 'ldc2 -unittest -of=ring source/ring.d\n./ring' }],
  },
  {
    needs: ['crystal'],
    job: 'build',
    name: 'crystal-error',
    pattern: 'Crystal compile error',
    files: { 'src/ring.cr': 'rows = [1, 2]\nputs rows.frist\n' },
    steps: [{ run: 'crystal build src/ring.cr' }],
  },
  {
    needs: ['crystal'],
    job: 'test',
    name: 'crystal-spec-failed',
    pattern: 'Crystal: shards or spec failed',
    files: {
      'spec/ring_spec.cr':
        'require "spec"\n\ndescribe "ring" do\n  it "keeps order" do\n    1.should eq 2\n  end\nend\n',
    },
    steps: [{ run: 'crystal spec' }],
  },
  {
    needs: ['node'],
    job: 'build',
    name: 'solc-error',
    pattern: 'Solidity compile error',
    packages: ['solc@0.8.28'],
    files: {
      'Ring.sol':
        '// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0;\n\ncontract Ring {\n    function rows() public pure returns (uint) {\n        return "three";\n    }\n}\n',
    },
    steps: [{ run: 'npx solcjs --bin Ring.sol' }],
  },
  {
    needs: ['verilator'],
    job: 'lint',
    name: 'verilator-error',
    pattern: 'Verilog: error',
    files: { 'ring.v': 'module ring(input clk, output reg q);\n  always @(posedge clk) q <= rows;\nendmodule\n' },
    steps: [{ run: 'verilator --lint-only -Wall ring.v' }],
  },
  {
    needs: ['iverilog'],
    job: 'build',
    name: 'iverilog-error',
    pattern: 'Verilog: error',
    files: { 'ring.v': 'module ring(input clk, output reg q);\n  always @(posedge clk) q <= rows;\nendmodule\n' },
    steps: [{ run: 'iverilog -o ring ring.v' }],
  },
  {
    needs: ['luacheck'],
    job: 'lint',
    name: 'luacheck-finding',
    pattern: 'luacheck or selene finding',
    files: { 'src/ring.lua': 'local rows = 3\nreturn rwos\n' },
    steps: [{ run: 'luacheck src --no-color' }],
  },
  {
    needs: ['lua5.1'],
    job: 'build',
    name: 'lua-error',
    pattern: 'Lua error',
    files: { 'ring.lua': 'local rows = require("rows")\nrows.show()\n' },
    steps: [{ run: 'lua5.1 ring.lua' }],
  },
  {
    needs: ['perl'],
    job: 'test',
    name: 'perl-module-missing',
    pattern: 'Perl module not installed',
    files: { 't/ring.t': 'use Test::More tests => 1;\nuse Ring::Rows;\nok(1);\n' },
    steps: [{ run: 'perl t/ring.t' }],
  },
  {
    needs: ['perl'],
    job: 'test',
    name: 'perl-syntax-error',
    pattern: 'Perl syntax or run-time error',
    files: { 'ring.pl': 'use strict;\nmy $rows = 3;\nprint $rwos;\n' },
    steps: [{ run: 'perl ring.pl' }],
  },
  {
    needs: ['prove'],
    job: 'test',
    name: 'prove-failed',
    pattern: 'Perl test failed',
    files: { 't/ring.t': "use Test::More tests => 2;\nis(1, 1, 'is empty');\nis(1, 2, 'keeps order');\n" },
    steps: [{ run: 'prove t' }],
  },
  {
    needs: ['perl'],
    job: 'test',
    name: 'tap-not-ok',
    pattern: 'TAP: test not ok',
    files: { 'ring.sh': '#!/bin/sh\necho 1..2\necho ok 1 is empty\necho not ok 2 keeps order\nexit 1\n' },
    steps: [{ run: './ring.sh' }],
  },
  {
    needs: ['prove'],
    job: 'test',
    name: 'passing/prove-with-todo',
    pattern: null,
    files: {
      't/ring.t':
        "use Test::More tests => 2;\ndiag('error: no such row (expected)');\nok(1, 'fails on bad input');\nTODO: { local $TODO = 'later'; ok(0, 'keeps order'); }\n",
    },
    steps: [{ run: 'prove -v t' }],
  },
  {
    needs: ['tclsh'],
    job: 'test',
    name: 'tcl-error',
    pattern: 'Tcl error',
    files: { 'ring.tcl': 'package require rows 2.0\nrows::show\n' },
    steps: [{ run: 'tclsh ring.tcl' }],
  },
  {
    needs: ['ghc', 'nim', 'crystal'],
    job: 'test',
    name: 'passing/haskell-nim-crystal',
    pattern: null,
    files: {
      'Spec.hs':
        'import Control.Exception\nimport Test.Hspec\n\nmain :: IO ()\nmain = hspec $ describe "errors" $ do\n  it "fails on bad rows" $ evaluate (head ([] :: [Int])) `shouldThrow` anyException\n  it "later" pending\n',
      'tring.nim':
        'import unittest\n\nsuite "error: ring":\n  test "raises on failure":\n    expect ValueError:\n      raise newException(ValueError, "failed")\n',
      'spec/ring_spec.cr':
        'require "spec"\n\ndescribe "error" do\n  it "raises" do\n    expect_raises(Exception) { raise "failed" }\n  end\n  pending "later"\nend\n',
    },
    steps: [{ run: 'ghc -o spec-hs Spec.hs\n./spec-hs\nnim c -r --hints:off --verbosity:0 tring.nim\ncrystal spec' }],
  },
];
