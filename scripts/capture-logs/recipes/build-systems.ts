// make, Ninja, CMake, Meson, autotools, SCons, Nix and the packagers, each failing in one way. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const cmake = { needs: ['cmake', 'gcc', 'make'], job: 'build' };
const lists = 'cmake_minimum_required(VERSION 3.20)\nproject(ring C)\n';
const main = 'int main(void) { return 0; }\n';
const meson = { needs: ['meson', 'ninja', 'gcc'], job: 'build' };
const autotools = { needs: ['autoconf', 'automake', 'libtoolize', 'gcc', 'make'], job: 'build' };
const nix = {
  needs: ['nix'],
  job: 'build',
  before: 'mkdir -p /nix && mount -t tmpfs tmpfs /nix && chown 1001:1001 /nix',
};
const debian = (more: string): Record<string, string> => ({
  'debian/changelog':
    'ring (1.0-1) unstable; urgency=medium\n\n  * First.\n\n -- CI <ci@example.com>  Mon, 02 Feb 2026 10:11:12 +0000\n',
  'debian/control': `Source: ring\nSection: utils\nPriority: optional\nMaintainer: CI <ci@example.com>\nStandards-Version: 4.6.2\nBuild-Depends: debhelper-compat (= 13)${more}\n\nPackage: ring\nArchitecture: all\nDepends: \${misc:Depends}\nDescription: keeps rows\n Rows in the order they came.\n`,
  'debian/rules': '#!/usr/bin/make -f\n%:\n\tdh $@\n',
});
const spec = (more: string): string =>
  `Name: ring\nVersion: 1.0\nRelease: 1\nSummary: keeps rows\nLicense: MIT\nBuildArch: noarch\n${more}`;

export const captured: Captured[] = [
  {
    needs: ['make'],
    job: 'build',
    name: 'make-command-missing',
    pattern: 'make: a command is not installed',
    files: { Makefile: 'ring.c: ring.l\n\tflex-2.7 -o ring.c ring.l\nring.l:\n\ttouch ring.l\n' },
    steps: [{ run: 'make' }],
  },
  {
    needs: ['make'],
    job: 'build',
    name: 'makefile-separator',
    pattern: 'Makefile does not parse',
    files: { Makefile: 'ring: ring.c\n    gcc -o ring ring.c\n' },
    steps: [{ run: 'make' }],
  },
  {
    needs: ['make'],
    job: 'build',
    name: 'makefile-own-error',
    pattern: 'Makefile stopped with its own error',
    files: { Makefile: 'ifndef BOARD\n$(error BOARD is not set, see boards/)\nendif\nall:\n' },
    steps: [{ run: 'make all' }],
  },
  {
    needs: ['ninja'],
    job: 'build',
    name: 'ninja-input-missing',
    pattern: 'Ninja: file or build file missing',
    files: { 'build.ninja': 'rule cp\n  command = cp $in $out\nbuild out.txt: cp rows/in.txt\n' },
    steps: [{ run: 'ninja' }],
  },
  {
    ...cmake,
    name: 'cmake-version-too-old',
    pattern: 'CMake too old or too new for the project',
    files: { 'CMakeLists.txt': 'cmake_minimum_required(VERSION 3.99)\nproject(ring C)\n' },
    steps: [{ run: 'cmake -S . -B build' }],
  },
  {
    ...cmake,
    name: 'cmake-no-compiler',
    pattern: 'CMake finds no compiler',
    files: { 'CMakeLists.txt': 'cmake_minimum_required(VERSION 3.20)\nproject(ring Swift)\n' },
    steps: [{ run: 'cmake -S . -B build -G Ninja' }],
  },
  {
    ...cmake,
    name: 'cmake-generator-missing',
    pattern: 'CMake generator or build tool missing',
    files: { 'CMakeLists.txt': lists },
    steps: [{ run: "cmake -S . -B build -G 'Visual Studio 17 2022'" }],
  },
  {
    ...cmake,
    name: 'cmake-preset-missing',
    pattern: 'CMake source or preset missing',
    files: {
      'CMakeLists.txt': lists,
      'CMakePresets.json':
        '{"version": 3, "configurePresets": [{"name": "dev", "generator": "Ninja", "binaryDir": "build"}]}\n',
    },
    steps: [{ run: 'cmake --preset ci' }],
  },
  {
    ...cmake,
    name: 'cmake-library-not-found',
    pattern: 'CMake package not found',
    files: { 'CMakeLists.txt': `${lists}find_package(ImageMagick REQUIRED COMPONENTS Magick++)\n` },
    steps: [{ run: 'cmake -S . -B build' }],
  },
  {
    ...cmake,
    name: 'cmake-fetch-failed',
    pattern: 'CMake download or external project failed',
    files: {
      'CMakeLists.txt': `${lists}include(FetchContent)\nFetchContent_Declare(rows URL http://files.example.com/rows.tar.gz)\nFetchContent_MakeAvailable(rows)\n`,
    },
    steps: [{ run: 'cmake -S . -B build -G Ninja' }],
    routes: [{ host: 'files.example.com', path: '/', status: 404, body: 'not here' }],
    standIn: 'a file server that has no such file',
  },
  {
    ...cmake,
    name: 'cmake-target-missing',
    pattern: 'CMake install or target error',
    files: {
      'CMakeLists.txt': `${lists}add_executable(ring main.c)\ntarget_link_libraries(ring PRIVATE rows::rows)\n`,
      'main.c': main,
    },
    steps: [{ run: 'cmake -S . -B build' }],
  },
  {
    ...cmake,
    name: 'cmake-own-message',
    pattern: 'CMake configure error',
    files: { 'CMakeLists.txt': `${lists}message(FATAL_ERROR "Pick a board with -DBOARD=")\n` },
    steps: [{ run: 'cmake -S . -B build' }],
  },
  {
    ...cmake,
    name: 'ctest-no-tests',
    pattern: 'CTest found no tests',
    files: { 'CMakeLists.txt': `${lists}enable_testing()\n` },
    steps: [{ run: 'cmake -S . -B build > configure.log\nctest --test-dir build --no-tests=error' }],
  },
  {
    ...cmake,
    name: 'passing/cmake-optional-packages',
    pattern: null,
    files: {
      'CMakeLists.txt': `${lists}find_package(PkgConfig)\nif(PkgConfig_FOUND)\n  pkg_check_modules(NOSUCH nosuchlib)\nendif()\nfind_package(ImageMagick)\nfind_package(fmt)\nmessage(WARNING "could not find fmt, tests are off")\nadd_executable(ring main.c)\nenable_testing()\nadd_test(NAME reports_error COMMAND ring)\n`,
      'main.c': '#include <stdio.h>\nint main(void) { puts("error: failed to open (expected)"); return 0; }\n',
    },
    steps: [{ run: 'cmake -S . -B build -G Ninja\ncmake --build build\nctest --test-dir build -V' }],
  },
  {
    ...meson,
    name: 'meson-dependency-missing',
    pattern: 'Meson: dependency or program not found',
    files: { 'meson.build': "project('ring', 'c')\ndependency('gtk5', version: '>= 5.0')\n" },
    steps: [{ run: 'meson setup build' }],
  },
  {
    ...meson,
    name: 'meson-too-old',
    pattern: 'Meson: version or compiler does not fit',
    files: { 'meson.build': "project('ring', 'c', meson_version: '>= 1.99')\n" },
    steps: [{ run: 'meson setup build' }],
  },
  {
    ...meson,
    name: 'meson-option-unknown',
    pattern: 'Meson configure error',
    files: { 'meson.build': "project('ring', 'c')\nexecutable('ring', 'mian.c')\n" },
    steps: [{ run: 'meson setup build' }],
  },
  {
    ...meson,
    name: 'meson-test-failed',
    pattern: 'Meson test failed',
    job: 'test',
    files: {
      'meson.build': "project('ring', 'c')\ntest('drops oldest', executable('ring', 'main.c'))\n",
      'main.c': 'int main(void) { return 3; }\n',
    },
    steps: [{ run: 'meson setup build\nmeson test -C build' }],
  },
  {
    ...meson,
    name: 'passing/meson-test',
    pattern: null,
    job: 'test',
    files: {
      'meson.build':
        "project('ring', 'c')\ndependency('gtk5', required: false)\nfind_program('nosuchtool', required: false)\ntest('fails as it should', executable('ring', 'main.c'), should_fail: true)\n",
      'main.c': 'int main(void) { return 3; }\n',
    },
    steps: [{ run: 'meson setup build\nmeson test -C build --verbose' }],
  },
  {
    ...autotools,
    name: 'configure-library-missing',
    pattern: 'configure: compiler or library missing',
    files: {
      'configure.ac':
        'AC_INIT([ring], [1.0])\nAC_PROG_CC\nAC_CHECK_LIB([rows], [rows_open], [], [AC_MSG_ERROR([librows is required, see README])])\nAC_OUTPUT\n',
    },
    prepare: 'autoconf',
    steps: [{ run: './configure' }],
  },
  {
    ...autotools,
    name: 'configure-own-error',
    pattern: 'configure stopped',
    files: {
      'configure.ac':
        'AC_INIT([ring], [1.0])\nAC_ARG_WITH([board], [], [AC_MSG_ERROR([unknown board "$withval"])], [])\nAC_OUTPUT\n',
    },
    prepare: 'autoconf',
    steps: [{ run: './configure --with-board=uno' }],
  },
  {
    ...autotools,
    name: 'autoreconf-macro-undefined',
    pattern: 'autotools: macro or tool missing',
    files: {
      'configure.ac':
        'AC_INIT([ring], [1.0])\nAM_INIT_AUTOMAKE([foreign])\nAC_PROG_CC\nAX_CXX_COMPILE_STDCXX([17])\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n',
      'Makefile.am': 'bin_PROGRAMS = ring\nring_SOURCES = main.c\n',
      'main.c': main,
    },
    steps: [{ run: 'autoreconf -fi\n./configure' }],
  },
  {
    ...autotools,
    name: 'automake-check-failed',
    pattern: 'automake test failed',
    job: 'test',
    files: {
      'configure.ac':
        'AC_INIT([ring], [1.0])\nAM_INIT_AUTOMAKE([foreign])\nAC_PROG_CC\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n',
      'Makefile.am': 'TESTS = drops_oldest\ncheck_PROGRAMS = drops_oldest\ndrops_oldest_SOURCES = main.c\n',
      'main.c': 'int main(void) { return 1; }\n',
    },
    prepare: 'autoreconf -fi > prepare.log 2>&1 && ./configure > prepare.log',
    steps: [{ run: 'make check' }],
  },
  {
    needs: ['pkg-config', 'gcc'],
    job: 'build',
    name: 'pkg-config-missing',
    pattern: 'pkg-config: package not found',
    files: { 'main.c': main },
    steps: [{ run: 'flags="$(pkg-config --cflags --libs librows-2.0)"\ngcc -o ring main.c $flags' }],
  },
  {
    needs: ['scons', 'gcc'],
    job: 'build',
    name: 'scons-source-missing',
    pattern: 'SCons: target not found or failed',
    files: { SConstruct: "Program('ring', ['mian.c'])\n" },
    steps: [{ run: 'scons' }],
  },
  {
    needs: ['scons'],
    job: 'build',
    name: 'scons-command-failed',
    pattern: 'SCons build failed',
    files: { SConstruct: "Command('out.txt', 'in.txt', 'test -s $SOURCE')\n", 'in.txt': '' },
    steps: [{ run: 'scons' }],
  },
  {
    ...nix,
    name: 'nix-undefined-variable',
    pattern: 'Nix: attribute or variable missing',
    files: { 'default.nix': 'let pkgs = { hello = 1; }; in pkgs.nodejs_14\n' },
    steps: [{ run: 'nix-instantiate --eval default.nix' }],
  },
  {
    ...nix,
    name: 'nix-syntax-error',
    pattern: 'Nix: evaluation failed',
    files: { 'default.nix': '{ rows = [ 1 2 3; }\n' },
    steps: [{ run: 'nix-instantiate --eval default.nix' }],
  },
  {
    ...nix,
    name: 'nix-feature-disabled',
    pattern: 'Nix: feature, system or lock refused',
    files: { 'flake.nix': '{ outputs = { self }: { }; }\n' },
    steps: [{ run: 'nix flake check' }],
  },
  {
    ...nix,
    name: 'nix-build-failed',
    pattern: 'Nix: build of a derivation failed',
    files: {
      'default.nix':
        'derivation { name = "ring-1.0"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo checking rows; exit 3" ]; }\n',
    },
    steps: [{ run: 'nix-build --option sandbox false --option substitute false default.nix' }],
  },
  {
    needs: ['dpkg-buildpackage', 'dh'],
    job: 'package',
    name: 'debian-build-depends',
    pattern: 'Debian package: build dependencies missing',
    files: debian(', librows-dev (>= 2)'),
    steps: [{ run: 'dpkg-buildpackage -us -uc -b' }],
  },
  {
    needs: ['dpkg-buildpackage', 'dh'],
    job: 'package',
    name: 'debian-no-upstream-tarball',
    pattern: 'Debian package: build refused',
    files: { ...debian(''), 'debian/source/format': '3.0 (quilt)\n' },
    prepare: 'chmod +x debian/rules',
    steps: [{ run: 'dpkg-buildpackage -us -uc -S' }],
  },
  {
    needs: ['dpkg-buildpackage', 'dh'],
    job: 'package',
    name: 'debian-rules-failed',
    pattern: 'Debian package build failed',
    files: { ...debian(''), 'debian/rules': '#!/usr/bin/make -f\n%:\n\ttest -s rows.txt\n' },
    prepare: 'chmod +x debian/rules',
    steps: [{ run: 'dpkg-buildpackage -us -uc -b' }],
  },
  {
    needs: ['dpkg-buildpackage', 'dh', 'lintian'],
    job: 'package',
    name: 'lintian-error',
    pattern: 'lintian finding',
    files: debian(''),
    prepare: 'chmod +x debian/rules && dpkg-buildpackage -us -uc -b > build.log 2>&1',
    steps: [{ run: 'lintian --fail-on error ../ring_1.0-1_all.deb' }],
  },
  {
    needs: ['rpmbuild'],
    job: 'package',
    name: 'rpm-build-requires',
    pattern: 'RPM: build dependencies missing',
    files: { 'ring.spec': spec('BuildRequires: rows-devel >= 2\n%description\nRows.\n%files\n') },
    steps: [{ run: 'rpmbuild -bb ring.spec' }],
  },
  {
    needs: ['rpmbuild'],
    job: 'package',
    name: 'rpm-unpackaged-files',
    pattern: 'RPM: build failed',
    files: {
      'ring.spec': spec(
        '%description\nRows.\n%install\nmkdir -p %{buildroot}/usr/share/ring\necho rows > %{buildroot}/usr/share/ring/rows\n%files\n',
      ),
    },
    steps: [{ run: 'rpmbuild -bb ring.spec' }],
  },
  {
    needs: ['dpkg-buildpackage', 'dh', 'lintian', 'rpmbuild'],
    job: 'package',
    name: 'passing/debian-and-rpm-package',
    pattern: null,
    files: { ...debian(''), 'ring.spec': spec('%description\nRows.\n%files\n') },
    prepare: 'chmod +x debian/rules',
    steps: [
      {
        run: 'dpkg-buildpackage -us -uc -b\nlintian --fail-on none ../ring_1.0-1_all.deb | grep ^W\nrpmbuild -bb ring.spec',
      },
    ],
  },
  {
    ...autotools,
    name: 'passing/configure-and-make-check',
    pattern: null,
    files: {
      'configure.ac':
        'AC_INIT([ring], [1.0])\nAM_INIT_AUTOMAKE([foreign])\nAC_PROG_CC\nAC_CHECK_LIB([rows], [rows_open])\nAC_CHECK_HEADERS([rows.h])\nAC_CHECK_FUNCS([strlcpy])\nAC_MSG_WARN([librows not found, building without it])\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n',
      'Makefile.am':
        'TESTS = fails_on_error skipped.sh\nXFAIL_TESTS = fails_on_error\nEXTRA_DIST = skipped.sh\ncheck_PROGRAMS = fails_on_error\nfails_on_error_SOURCES = main.c\n',
      'main.c': 'int main(void) { return 1; }\n',
      'skipped.sh': '#!/bin/sh\nexit 77\n',
    },
    steps: [{ run: 'autoreconf -fi\n./configure\nmake check' }],
  },
];
