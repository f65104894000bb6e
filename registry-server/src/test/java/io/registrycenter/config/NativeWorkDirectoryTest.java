package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeWorkDirectoryTest {

    @TempDir
    Path home;

    @Test
    void unfit_directoryForPrograms_isNot_andStaysEmpty() {
        assertThat(NativeWorkDirectory.unfit(home)).isNull();
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void unfit_missing_saysSo() {
        assertThat(NativeWorkDirectory.unfit(home.resolve("missing"))).contains("NoSuchFile");
    }

    @Test
    void unfit_noexecOrReadOnly_saysSo() throws Exception {
        try (MountedDirectory mounted = MountedDirectory.mount(home.resolve("mounted"), "size=1m,noexec")) {
            assertThat(NativeWorkDirectory.unfit(mounted.path())).contains("noexec");
            mounted.remount("ro");
            assertThat(NativeWorkDirectory.unfit(mounted.path())).isNotNull();
        }
    }
}
