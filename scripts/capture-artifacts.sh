#!/usr/bin/env bash
# Makes the report files under fixtures/artifacts/<tool> by running the tools on the projects there, in /tmp/shop.
# Needs Debian 12 and what fixtures/artifacts/README.md lists. `capture-artifacts.sh js shards retries python go c java workspace modules php web` or some of them.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fixtures=$(cd "$here/.." && pwd)/fixtures/artifacts
PATH="$here/../node_modules/.bin:$PATH"
work=/tmp/shop

# Paths become a runner's, host names `runner`; the properties of the machine, which Surefire lists, are left out.
keep() {
  local from=$1 to=$fixtures/$2
  [ -s "$from" ] || { echo "$2 was not made" >&2; return 1; }
  mkdir -p "$(dirname "$to")"
  sed -e '/^    <property name="[^"]*" value="[^"]*"\/>$/d' -e "s#$work/[a-z]*#/home/runner/work/shop/shop#g" -e "s#<sessioninfo id=\"[^\"]*\"#<sessioninfo id=\"runner-1\"#g" -e 's#"[^" ]*/bin/node"#"node"#g' -e "s#\bhostname=\"[^\"]*\"#hostname=\"runner\"#g" "$from" >"$to"
  echo "$2"
}
enter() {
  mkdir -p "$work/$1"
  cp -r "$fixtures/projects/$1/." "$work/$1/"
  cd "$work/$1" && rm -rf out && mkdir out
}

js() {
  enter js
  [ -f package.json ] || npm init -y >/dev/null
  npm pkg set type=module
  [ -d node_modules/vitest ] || npm install --no-audit --no-fund vitest@5.1.1 @vitest/coverage-v8@5.1.1 @vitest/coverage-istanbul@5.1.1 \
    mocha@12.0.3 mochawesome@8.1.1 jest jest-junit eslint@10.15.0 @eslint/js \
    @microsoft/eslint-formatter-sarif@3.1.0 typescript@5 @playwright/test@1.65.1
  local reporters=(--coverage.reporter=json-summary --coverage.reporter=json --coverage.reporter=lcov --coverage.reporter=clover --coverage.reporter=cobertura)
  local provider
  for provider in v8 istanbul; do
    node node_modules/vitest/vitest.mjs run --dir test --reporter=junit --outputFile=out/vitest.xml --coverage.enabled --coverage.reportOnFailure \
      "--coverage.include=src/**" --coverage.provider=$provider "${reporters[@]}" --coverage.reportsDirectory=out/$provider
    for file in clover.xml cobertura-coverage.xml coverage-final.json coverage-summary.json lcov.info; do
      keep out/$provider/$file vitest-$provider/$file
    done
  done
  keep out/vitest.xml vitest/junit.xml
  node --test --test-reporter=junit --test-reporter-destination=out/node.xml node.test.mjs
  keep out/node.xml node/junit.xml
  node node_modules/mocha/bin/mocha.js --reporter mochawesome --reporter-options reportDir=out,reportFilename=mochawesome,html=false cart.mocha.mjs
  keep out/mochawesome.json mochawesome/mochawesome.json
  node node_modules/mocha/bin/mocha.js --reporter xunit --reporter-options output=out/mocha.xml cart.mocha.mjs
  keep out/mocha.xml mocha/junit.xml
  JEST_JUNIT_OUTPUT_FILE=out/jest.xml JEST_JUNIT_ADD_FILE_ATTRIBUTE=true JEST_JUNIT_REPORT_TEST_SUITE_ERRORS=true \
    node node_modules/jest/bin/jest.js -c jest.config.json --reporters=jest-junit
  keep out/jest.xml jest/junit.xml
  node node_modules/eslint/bin/eslint.js lint -f json -o out/eslint.json
  node node_modules/eslint/bin/eslint.js lint -f @microsoft/eslint-formatter-sarif -o out/eslint.sarif
  keep out/eslint.json eslint/eslint.json
  keep out/eslint.sarif eslint/eslint.sarif
  node node_modules/typescript/bin/tsc -p . >out/tsc.txt
  node node_modules/typescript/bin/tsc -p . --pretty >out/tsc-pretty.txt
  keep out/tsc.txt tsc/tsc.txt
  keep out/tsc-pretty.txt tsc/tsc-pretty.txt
  node node_modules/@playwright/test/cli.js test
  keep out/playwright.json playwright/playwright.json
  keep out/playwright-junit.xml playwright/junit.xml
}

shards() {
  enter shards
  [ -f package.json ] || npm init -y >/dev/null
  [ -d node_modules/@playwright ] || npm install --no-audit --no-fund @playwright/test@1.65.1
  mkdir -p out/blobs
  local shard
  for shard in 1 2; do
    node node_modules/@playwright/test/cli.js test --shard=$shard/2
    keep out/playwright.json playwright-shards/shard-$shard.json
    cp out/blob/*.zip out/blobs/
  done
  mkdir -p "$fixtures/playwright-shards/blobs"
  cp out/blobs/*.zip "$fixtures/playwright-shards/blobs/"
  node node_modules/@playwright/test/cli.js merge-reports --reporter json out/blobs >out/merged.json
  keep out/merged.json playwright-shards/merged.json
}

# Tests that are tried again, and several of one title: what tells the two apart.
retries() {
  enter retries
  [ -f package.json ] || npm init -y >/dev/null
  npm pkg set type=module
  [ -d node_modules/vitest ] || npm install --no-audit --no-fund vitest@5.1.1 mocha@12.0.3 mochawesome@8.1.1 jest jest-junit
  node node_modules/vitest/vitest.mjs run retried.test.js --reporter=junit --outputFile=out/vitest.xml
  JEST_JUNIT_OUTPUT_FILE=out/jest.xml node node_modules/jest/bin/jest.js --rootDir . --testMatch '**/*.jest.cjs' --reporters=jest-junit --config '{}'
  node node_modules/mocha/bin/mocha.js --retries 2 --reporter mochawesome --reporter-options reportDir=out,reportFilename=mochawesome,html=false retried.mocha.mjs
  GOFLAGS=-mod=mod GOTOOLCHAIN=local PATH="/usr/bin:$PATH" gotestsum --rerun-fails --packages=./... --junitfile out/gotestsum.xml >/dev/null
  local tool
  for tool in vitest.xml jest.xml mochawesome.json gotestsum.xml; do keep out/$tool retried/$tool; done
}

python() {
  enter python
  /usr/bin/python3 -m pytest -q --continue-on-collection-errors --junitxml=out/junit.xml --cov=shop --cov-branch --cov-report=xml:out/coverage.xml
  /usr/bin/python3 -m coverage json -q -o out/coverage.json
  /usr/bin/python3 -m coverage lcov -o out/coverage.lcov
  keep out/junit.xml pytest/junit.xml
  keep out/coverage.json coverage-py/coverage.json
  keep out/coverage.xml coverage-py/coverage.xml
  keep out/coverage.lcov coverage-py/coverage.lcov
}

go() {
  enter go
  local tool=/usr/bin/go
  GOFLAGS=-mod=mod GOTOOLCHAIN=local $tool test -covermode=set -coverprofile=out/coverage.out -coverpkg=./... ./... >/dev/null
  $tool test -covermode=count -coverprofile=out/count.out ./... >/dev/null
  PATH="/usr/bin:$PATH" gotestsum --junitfile out/junit.xml ./... >/dev/null
  keep out/coverage.out go/coverage.out
  keep out/count.out go/count.out
  keep out/junit.xml gotestsum/junit.xml
}

c() {
  enter c
  gcc --coverage -O0 -o out/cart cart.c && ./out/cart
  lcov --quiet --capture --rc lcov_branch_coverage=1 --directory . --output-file out/lcov.info
  keep out/lcov.info gcov/lcov.info
  gcovr --xml out/cobertura.xml --root . 2>/dev/null && keep out/cobertura.xml gcovr/cobertura.xml
}

java() {
  enter java
  mvn -B -o -q -Dmaven.repo.local=/usr/share/maven-repo test
  keep target/surefire-reports/TEST-com.example.CartTest.xml surefire/TEST-com.example.CartTest.xml
  local jars=/usr/share/java
  local asm=$jars/asm.jar:$jars/asm-commons.jar:$jars/asm-tree.jar:$jars/asm-analysis.jar
  rm -f jacoco.exec
  # Debian's agent can't be loaded as one, so the classes are instrumented beforehand.
  local jacoco=$jars/org.jacoco.core.jar:$jars/org.jacoco.agent.rt.jar:$asm
  /usr/bin/javac -cp "$jacoco" -d out/instrument instrument/*.java
  /usr/bin/java -cp "out/instrument:$jacoco" Instrument target/classes out/instrumented
  /usr/bin/java -Djacoco-agent.destfile=jacoco.exec \
    -cp "out/instrumented:out/instrument:target/test-classes:$jacoco:$jars/junit4.jar:$jars/hamcrest-core.jar" \
    org.junit.runner.JUnitCore com.example.CartTest >/dev/null
  ant -q -lib "$jars/org.jacoco.ant.jar" -lib "$jars/org.jacoco.core.jar" -lib "$jars/org.jacoco.report.jar" -lib "$jars/org.jacoco.agent.jar" \
    -lib "$jars/asm.jar" -lib "$jars/asm-commons.jar" -lib "$jars/asm-tree.jar" -lib "$jars/asm-analysis.jar" -f report.xml
  keep out/jacoco.xml jacoco/jacoco.xml
}

# Two packages, each with a src/index.js of its own.
workspace() {
  enter workspace
  [ -f package.json ] || npm init -y >/dev/null
  [ -d node_modules/nyc ] || npm install --no-audit --no-fund nyc@18.0.0 mocha@12.0.3
  local name
  for name in a b; do
    (cd packages/$name && node ../../node_modules/nyc/bin/nyc.js --reporter=lcovonly --reporter=clover --reporter=cobertura \
      node ../../node_modules/mocha/bin/mocha.js 'test/*.js' >/dev/null)
    keep packages/$name/coverage/lcov.info workspace/$name-lcov.info
    keep packages/$name/coverage/clover.xml workspace/$name-clover.xml
    keep packages/$name/coverage/cobertura-coverage.xml workspace/$name-cobertura.xml
  done
}

# Two modules, each with a com/x/Util.java of its own; nothing of the second one runs.
modules() {
  enter modules
  local jars=/usr/share/java name
  local asm=$jars/asm.jar:$jars/asm-commons.jar:$jars/asm-tree.jar:$jars/asm-analysis.jar
  local jacoco=$jars/org.jacoco.core.jar:$jars/org.jacoco.agent.rt.jar:$asm
  for name in a b; do /usr/bin/javac -g -d $name/classes $name/src/com/x/*.java; done
  /usr/bin/javac -cp "$jacoco" -d out/instrument "$fixtures"/projects/java/instrument/*.java
  /usr/bin/java -cp "out/instrument:$jacoco" Instrument a/classes out/a
  rm -f jacoco.exec
  /usr/bin/java -Djacoco-agent.destfile=jacoco.exec -cp "out/a:out/instrument:$jacoco" com.x.Util
  ant -q -lib "$jars/org.jacoco.ant.jar" -lib "$jars/org.jacoco.core.jar" -lib "$jars/org.jacoco.report.jar" -lib "$jars/org.jacoco.agent.jar" \
    -lib "$jars/asm.jar" -lib "$jars/asm-commons.jar" -lib "$jars/asm-tree.jar" -lib "$jars/asm-analysis.jar" -f report.xml
  keep out/jacoco.xml modules/jacoco.xml
}

php() {
  enter php
  /usr/bin/php -d pcov.enabled=1 -d pcov.directory=. /usr/bin/phpunit --coverage-clover out/clover.xml --coverage-cobertura out/cobertura.xml
  keep out/clover.xml phpunit/clover.xml
  keep out/cobertura.xml phpunit/cobertura.xml
}

web() {
  enter web
  [ -f package.json ] || npm init -y >/dev/null
  [ -d node_modules/@lhci ] || npm install --no-audit --no-fund @lhci/cli@0.15.1
  CHROME_PATH=/usr/bin/chromium node node_modules/@lhci/cli/src/cli.js autorun --config=lighthouserc.json
  keep out/manifest.json lighthouse/manifest.json
  local report
  report=$(ls out/*.report.json | head -1)
  keep "$report" lighthouse/lhr.json
}

for project in "${@:-js shards retries python go c java workspace modules php web}"; do for one in $project; do echo "== $one" && "$one"; done; done
