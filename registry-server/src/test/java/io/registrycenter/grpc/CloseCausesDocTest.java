package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CloseCausesDocTest {

    @Test
    void theTableOfCloseCauses_listsEveryCause_asItIs_inOrder() throws IOException {
        List<List<String>> documented = Files.readAllLines(Path.of("docs/close-causes.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> Arrays.stream(line.split("\\|"))
                        .skip(1)
                        .map(String::strip)
                        .toList())
                .toList();

        assertThat(documented).allSatisfy(row -> {
            assertThat(row).hasSize(6);
            assertThat(row.get(5)).as("how %s is recognised", row.get(0)).isNotEmpty();
        });
        assertThat(documented.stream().map(row -> row.subList(0, 5)).toList())
                .isEqualTo(Arrays.stream(CloseCause.values())
                        .map(cause -> List.of(
                                "`" + cause.name() + "`",
                                cause.origin().name(),
                                cause.expected() ? "yes" : "no",
                                CloseLog.level(cause).name(),
                                cause.advice().name()))
                        .toList());
    }
}
