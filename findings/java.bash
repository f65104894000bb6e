# Shared by the findings that run Java programs against artifacts of Maven Central; sourced, not run.

# Prints the home of a JDK 21 or newer: JAVA_HOME when it is one, else the first found in /usr/lib/jvm.
jdk21_home() {
  local home feature
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    [ -x "$home/bin/javac" ] || continue
    feature=$("$home/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
    if [ "${feature:-0}" -ge 21 ]; then
      echo "$home"
      return 0
    fi
  done
  echo "needs a JDK 21 or newer (JAVA_HOME or /usr/lib/jvm)" >&2
  return 1
}

# maven_jars DIR GROUP ARTIFACT VERSION: puts the artifact and what it depends on into DIR/lib.
maven_jars() {
  cat > "$1/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>$2</groupId><artifactId>$3</artifactId><version>$4</version></dependency>
  </dependencies>
</project>
POM
  (cd "$1" && mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DoutputDirectory=lib -DincludeScope=runtime)
}
