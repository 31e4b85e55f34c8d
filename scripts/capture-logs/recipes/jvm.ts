// Java, Kotlin, Scala, Clojure, Groovy, their build tools and C# really failing. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const offline = 'mvn -B -o -Dmaven.repo.local=/usr/share/maven-repo';
const maven = { needs: ['mvn', 'javac'], job: 'build' };
const gradle = { needs: ['gradle', 'javac'], job: 'build' };
const java = { needs: ['java', 'javac'], job: 'build' };
const ant = { needs: ['ant', 'javac'], job: 'build' };
const cart =
  'package com.acme;\n\npublic class Cart {\n  public int total(int a, int b) {\n    return a + b;\n  }\n}\n';
const pom = (more: string): string =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0">\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>com.acme</groupId>\n  <artifactId>shop</artifactId>\n  <version>1.0.0</version>\n${more}</project>\n`;

export const captured: Captured[] = [
  {
    ...maven,
    name: 'maven-no-pom',
    pattern: 'Maven found no POM',
    steps: [{ run: `${offline} verify` }],
  },
  {
    ...maven,
    name: 'maven-unknown-phase',
    pattern: 'Maven phase or goal unknown',
    files: { 'pom.xml': pom('') },
    steps: [{ run: `${offline} packge` }],
  },
  {
    ...maven,
    name: 'maven-plugin-prefix-unknown',
    pattern: 'Maven plugin not found',
    files: { 'pom.xml': pom('') },
    steps: [{ run: `${offline} spotles:check` }],
  },
  {
    ...maven,
    name: 'maven-malformed-pom',
    pattern: 'Maven POM cannot be parsed',
    files: { 'pom.xml': pom('  <properties><a>1</b></properties>\n') },
    steps: [{ run: `${offline} verify` }],
  },
  {
    ...maven,
    name: 'maven-module-missing',
    pattern: 'Maven module missing',
    files: { 'pom.xml': pom('  <packaging>pom</packaging>\n  <modules><module>web</module></modules>\n') },
    steps: [{ run: `${offline} verify` }],
  },
  {
    ...maven,
    name: 'maven-parent-not-found',
    pattern: 'Maven parent or imported POM not resolved',
    files: {
      'pom.xml': pom(
        '  <parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>7</version></parent>\n',
      ),
    },
    steps: [{ run: `${offline} verify` }],
  },
  {
    ...maven,
    name: 'maven-reactor-project-unknown',
    pattern: 'Maven project not in the reactor',
    files: { 'pom.xml': pom('') },
    steps: [{ run: `${offline} -pl core verify` }],
  },
  {
    ...java,
    name: 'javac-source-level-gone',
    pattern: 'Java level no longer supported by the JDK',
    files: { 'Cart.java': cart },
    steps: [{ run: 'javac -source 1.6 -target 1.6 -d out Cart.java' }],
  },
  {
    ...java,
    name: 'javac-release-too-new',
    pattern: 'JDK too old for the Java release asked for',
    files: { 'Cart.java': cart },
    steps: [{ run: 'javac --release 25 -d out Cart.java' }],
  },
  {
    ...java,
    name: 'javac-class-of-newer-java',
    pattern: 'Dependency compiled for a newer Java',
    files: { 'com/acme/Cart.java': cart, 'Main.java': 'class Main { com.acme.Cart cart; }\n' },
    prepare:
      "javac com/acme/Cart.java && rm com/acme/Cart.java && python3 -c \"p='com/acme/Cart.class'; b=bytearray(open(p,'rb').read()); b[7]=69; open(p,'wb').write(b)\"",
    steps: [{ run: 'javac -cp . Main.java' }],
  },
  {
    ...java,
    name: 'java-main-class-missing',
    pattern: 'Java main class or jar not found',
    steps: [{ run: 'java -cp build/classes com.acme.Main' }],
  },
  {
    ...java,
    name: 'java-jar-missing',
    pattern: 'Java main class or jar not found',
    steps: [{ run: 'java -jar target/shop.jar' }],
  },
  {
    ...java,
    name: 'gradle-wrapper-class-missing',
    pattern: "Wrapper's jar not in the repository",
    steps: [{ run: 'java -classpath gradle/wrapper/gradle-wrapper.jar org.gradle.wrapper.GradleWrapperMain build' }],
  },
  {
    ...java,
    name: 'java-vm-option-unknown',
    pattern: 'JVM option not known to this Java',
    steps: [{ run: 'java -XX:+UseConcMarkSweepGC -version' }],
  },
  {
    ...java,
    name: 'java-heap-not-reserved',
    pattern: 'JVM could not reserve its heap',
    steps: [{ run: 'ulimit -v 4000000\njava -Xms8g -Xmx8g -version' }],
  },
  {
    ...java,
    name: 'java-uncaught-exception',
    pattern: 'Java program ended with an exception',
    files: {
      'Report.java':
        'public class Report {\n  public static void main(String[] args) {\n    System.out.println(Integer.parseInt("ten"));\n  }\n}\n',
    },
    steps: [{ run: 'javac Report.java\njava Report' }],
  },
  {
    ...java,
    name: 'java-module-closed',
    pattern: 'Java module system denies access',
    files: {
      'Report.java':
        'public class Report {\n  public static void main(String[] args) throws Exception {\n    var field = String.class.getDeclaredField("value");\n    field.setAccessible(true);\n  }\n}\n',
    },
    steps: [{ run: 'javac Report.java\njava Report' }],
  },
  {
    needs: ['javadoc'],
    job: 'docs',
    name: 'javadoc-bad-comment',
    pattern: 'Javadoc comment refused',
    files: {
      'Cart.java': cart
        .replace('package com.acme;\n', '')
        .replace('  public int', '  /**\n   * Adds a -> b.\n   * @see Missing\n   */\n  public int'),
    },
    steps: [{ run: 'javadoc -Xdoclint -d docs Cart.java' }],
  },
  {
    needs: ['jlink'],
    job: 'build',
    name: 'jlink-module-missing',
    pattern: 'jlink or jpackage refused',
    steps: [{ run: 'jlink --module-path mods --add-modules com.acme.shop --output image' }],
  },
  {
    needs: ['keytool'],
    job: 'release',
    name: 'keystore-password-wrong',
    pattern: 'Android signing keystore or password wrong',
    prepare:
      'keytool -genkeypair -alias upload -keyalg RSA -keystore upload.jks -storepass secret-one -dname CN=acme >/dev/null 2>&1',
    steps: [{ run: 'keytool -list -keystore upload.jks -storepass another-one' }],
  },
  {
    needs: ['gpg'],
    job: 'release',
    name: 'gpg-key-not-imported',
    pattern: 'GPG has no secret key to sign with',
    files: { 'app.tar.gz': 'x' },
    steps: [{ run: 'gpg --batch --local-user 0123456789ABCDEF --detach-sign app.tar.gz' }],
  },
  {
    ...gradle,
    name: 'gradle-task-unknown',
    pattern: 'Gradle task not found',
    files: { 'build.gradle': "apply plugin: 'java'\n" },
    steps: [{ run: 'gradle --no-daemon lintAll' }],
  },
  {
    ...gradle,
    name: 'gradle-project-unknown',
    pattern: 'Gradle project not found',
    files: { 'build.gradle': '', 'settings.gradle': "rootProject.name = 'shop'\n" },
    steps: [{ run: 'gradle --no-daemon :web:build' }],
  },
  {
    ...gradle,
    name: 'gradle-plugin-missing',
    pattern: 'Gradle plugin not found',
    files: { 'build.gradle': "apply plugin: 'com.acme.style'\n" },
    steps: [{ run: 'gradle --no-daemon build' }],
  },
  {
    ...gradle,
    name: 'gradle-unknown-property',
    pattern: 'Gradle build script uses an unknown name',
    files: { 'build.gradle': 'version = releaseVersion\n' },
    steps: [{ run: 'gradle --no-daemon build' }],
  },
  {
    ...gradle,
    name: 'gradle-unknown-method',
    pattern: 'Gradle build script uses an unknown name',
    files: { 'build.gradle': "apply plugin: 'java'\ndependencies { implementatoin 'com.acme:words:1.0' }\n" },
    steps: [{ run: 'gradle --no-daemon build' }],
  },
  {
    ...gradle,
    name: 'gradle-script-syntax',
    pattern: 'Gradle build script does not compile',
    files: { 'build.gradle': "apply plugin: 'java\n" },
    steps: [{ run: 'gradle --no-daemon build' }],
  },
  {
    ...gradle,
    name: 'gradle-command-missing',
    pattern: 'Gradle could not start a command',
    files: { 'build.gradle': "task pack(type: Exec) {\n  commandLine 'acme-pack', '--all'\n}\n" },
    steps: [{ run: 'gradle --no-daemon pack' }],
  },
  {
    ...gradle,
    name: 'gradle-command-failed',
    pattern: 'Gradle command of a task failed',
    files: { 'build.gradle': "task pack(type: Exec) {\n  commandLine 'sh', '-c', 'exit 3'\n}\n" },
    steps: [{ run: 'gradle --no-daemon pack' }],
  },
  {
    ...gradle,
    name: 'gradle-circular-tasks',
    pattern: 'Gradle tasks depend on each other in a circle',
    files: { 'build.gradle': "task a { dependsOn 'b' }\ntask b { dependsOn 'a' }\n" },
    steps: [{ run: 'gradle --no-daemon a' }],
  },
  {
    ...ant,
    name: 'ant-target-missing',
    pattern: 'Ant target or task missing',
    files: { 'build.xml': '<project name="shop" default="jar"><target name="jar"/></project>\n' },
    steps: [{ run: 'ant tset' }],
  },
  {
    ...ant,
    name: 'ant-exec-failed',
    pattern: 'Ant build failed',
    files: {
      'build.xml':
        '<project name="shop" default="pack"><target name="pack"><exec executable="false" failonerror="true"/></target></project>\n',
    },
    steps: [{ run: 'ant' }],
  },
  {
    ...ant,
    name: 'passing/ant-with-warnings',
    pattern: null,
    files: {
      'build.xml':
        '<project name="shop" default="jar"><target name="jar"><javac srcdir="src" destdir="." includeantruntime="false"/><echo message="errors: 0, error handling on"/><exec executable="false" failonerror="false"/></target></project>\n',
      'src/com/acme/Cart.java': cart,
    },
    steps: [{ run: 'ant' }],
  },
  {
    needs: ['checkstyle'],
    job: 'lint',
    name: 'checkstyle-finding',
    pattern: 'Checkstyle finding in a file',
    files: { 'src/Cart.java': cart },
    steps: [{ run: 'checkstyle -c /sun_checks.xml src' }],
  },
  {
    needs: ['kotlinc'],
    job: 'build',
    name: 'kotlinc-error',
    pattern: 'Kotlin: unresolved reference',
    files: { 'Cart.kt': 'fun main() {\n  val total: Int = "ten"\n  println(sum)\n}\n' },
    steps: [{ run: 'kotlinc Cart.kt -d out' }],
  },
  {
    needs: ['scalac'],
    job: 'build',
    name: 'scalac-error',
    pattern: 'Scala compile error',
    files: { 'Cart.scala': 'object Cart {\n  val total: Int = "ten"\n}\n' },
    steps: [{ run: 'scalac -nobootcp Cart.scala' }],
  },
  {
    needs: ['clojure'],
    job: 'test',
    name: 'clojure-syntax-error',
    pattern: 'Clojure did not compile',
    files: { 'src/acme/cart.clj': '(ns acme.cart)\n\n(defn total [a b]\n  (+ a c))\n' },
    steps: [{ run: 'clojure -i src/acme/cart.clj' }],
  },
  {
    needs: ['clojure'],
    job: 'test',
    name: 'clojure-test-failure',
    pattern: 'Clojure test failed',
    files: {
      'test.clj':
        '(ns acme.cart-test (:require [clojure.test :refer [deftest is run-tests]]))\n\n(deftest adds-items\n  (is (= 4 (+ 1 2))))\n\n(let [{:keys [fail error]} (run-tests)]\n  (System/exit (if (pos? (+ fail error)) 1 0)))\n',
    },
    steps: [{ run: 'clojure -i test.clj' }],
  },
  {
    needs: ['groovyc'],
    job: 'build',
    name: 'groovyc-error',
    pattern: 'Groovy did not compile',
    files: { 'Cart.groovy': 'class Cart {\n  Price price\n}\n' },
    steps: [{ run: 'groovyc Cart.groovy' }],
  },
  {
    needs: ['javac', 'java'],
    job: 'test',
    name: 'ivy-unresolved',
    pattern: 'Ivy dependency not resolved',
    files: {
      'ivy.xml':
        '<ivy-module version="2.0"><info organisation="com.acme" module="shop"/><dependencies><dependency org="com.acme" name="words" rev="2.0"/></dependencies></ivy-module>\n',
      'ivysettings.xml':
        '<ivysettings><settings defaultResolver="local"/><resolvers><filesystem name="local"><ivy pattern="/home/runner/work/app/app/repo/[module]/ivy-[revision].xml"/><artifact pattern="/home/runner/work/app/app/repo/[module]/[artifact]-[revision].[ext]"/></filesystem></resolvers></ivysettings>\n',
    },
    steps: [{ run: 'java -jar /usr/share/java/ivy.jar -settings ivysettings.xml -ivy ivy.xml' }],
  },
  {
    needs: ['mcs'],
    job: 'build',
    name: 'mcs-error',
    pattern: '.NET: type, namespace or name not found',
    files: { 'Cart.cs': 'class Cart {\n  static int Main() {\n    return total;\n  }\n}\n' },
    steps: [{ run: 'mcs Cart.cs' }],
  },
  {
    needs: ['adb'],
    job: 'test',
    name: 'adb-no-device',
    pattern: 'adb: no device',
    steps: [{ run: 'adb shell getprop sys.boot_completed' }],
  },
  {
    ...java,
    name: 'passing/java-that-logs-errors',
    pattern: null,
    files: {
      'Report.java':
        'public class Report {\n  public static void main(String[] args) {\n    new IllegalStateException("no rate").printStackTrace();\n    System.err.println("ERROR: retrying, 0 failed");\n    System.out.println("[ERROR] is a word; Failures: 0, Errors: 0");\n  }\n}\n',
    },
    steps: [{ run: 'javac -Xlint Report.java\njava Report' }],
  },
  {
    ...gradle,
    name: 'passing/gradle-with-warnings',
    pattern: null,
    files: {
      'build.gradle':
        "apply plugin: 'java'\nrepositories { maven { url 'file:///usr/share/maven-repo' } }\ndependencies { testCompile 'junit:junit:4.x' }\ntask check2 {\n  doLast { logger.error('error: handled, tests failed: 0') }\n}\nbuild.dependsOn check2\n",
      'src/main/java/com/acme/Cart.java': cart,
      'src/test/java/com/acme/CartTest.java':
        'package com.acme;\n\nimport org.junit.Test;\n\npublic class CartTest {\n  @Test(expected = IllegalStateException.class)\n  public void fails() {\n    System.err.println("java.lang.IllegalStateException: FAILED on purpose");\n    throw new IllegalStateException("no");\n  }\n}\n',
    },
    steps: [{ run: 'gradle --no-daemon build' }],
  },
];
