package io.registrycenter.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SettingsDocTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z][A-Za-z]*)` \\|");

    @Test
    void readme_tableOfSettings_namesThemAll() throws IOException {
        TreeSet<String> documented = new TreeSet<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("README.md")));
        while (row.find()) {
            documented.add(row.group(1));
        }
        TreeSet<String> real = new TreeSet<>();
        Arrays.stream(RegistryClientBuilder.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers())
                        && method.getReturnType() == RegistryClientBuilder.class)
                .map(Method::getName)
                .forEach(real::add);
        assertThat(documented).isEqualTo(real);
    }
}
