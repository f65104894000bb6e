package io.registrycenter.config;

import io.registrycenter.store.Intake;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.EtcdIntake;
import io.registrycenter.store.etcd.EtcdStore;
import io.registrycenter.store.sqlite.SqliteIntake;
import io.registrycenter.store.sqlite.SqliteStore;
import io.registrycenter.store.transfer.Export;
import io.registrycenter.store.transfer.Import;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;

/**
 * What the server program does to a store while no server runs on it: {@code store export}, {@code store import} and
 * {@code store restore}, with the settings of the server. Says what it did, or what is wrong, in one sentence; its exit codes are
 * those of a start. Runs on the main thread.
 */
public final class StoreOperation {

    private static final String COMMAND = "store";
    private static final String REPLACE = "--replace";
    private static final String USAGE = """
            Operations on the store, while no server runs on it, with the settings of the server (--registry.store=..., ...):
              registry-server store export FILE             writes sessions and instances to FILE
              registry-server store import FILE [--replace] begins a history with what FILE holds
              registry-server store restore COPY [--replace] puts back a copy of the embedded store as a new epoch
            --replace: what is there already is deleted in etcd, set aside in a data directory.""";

    /** What is asked for. */
    private enum Operation {
        EXPORT,
        IMPORT,
        RESTORE
    }

    private final Settings settings;
    private final boolean replace;

    private StoreOperation(Settings settings, boolean replace) {
        this.settings = settings;
        this.replace = replace;
    }

    /** Whether the command line asks for an operation instead of a server. */
    public static boolean isAsked(String... args) {
        return args.length > 0 && args[0].equals(COMMAND);
    }

    /** Does it; the exit code of the process. */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        List<String> words = new ArrayList<>();
        List<String> properties = new ArrayList<>();
        boolean replace = false;
        for (String arg : Arrays.asList(args).subList(1, args.length)) {
            if (arg.equals(REPLACE)) {
                replace = true;
            } else if (arg.startsWith("--")) {
                properties.add(arg);
            } else {
                words.add(arg);
            }
        }
        Operation operation = words.size() == 2 ? operation(words.getFirst()) : null;
        if (operation == null) {
            err.println(USAGE);
            return StartFailure.SETTINGS;
        }
        try (ConfigurableApplicationContext context = settingsOnly(properties)) {
            out.println(new StoreOperation(context.getBean(Settings.class), replace)
                    .perform(operation, Path.of(words.getLast())));
            return 0;
        } catch (StoreException refused) {
            StartFailure known = StartFailure.of(refused, new StandardEnvironment());
            err.println(known == null ? refused.getMessage() : known.sentence());
            return StartFailure.exitCode(refused);
        } catch (RuntimeException failure) {
            // Said already by whoever starts contexts, in a sentence or with its stack.
            return StartFailure.exitCode(failure);
        }
    }

    private static @Nullable Operation operation(String word) {
        return switch (word) {
            case "export" -> Operation.EXPORT;
            case "import" -> Operation.IMPORT;
            case "restore" -> Operation.RESTORE;
            default -> null;
        };
    }

    private static ConfigurableApplicationContext settingsOnly(List<String> properties) {
        SpringApplication application = new SpringApplication(SettingsWiring.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setRegisterShutdownHook(false);
        return application.run(properties.toArray(String[]::new));
    }

    private String perform(Operation operation, Path file) {
        return switch (operation) {
            case EXPORT -> export(file);
            case IMPORT -> importFrom(file);
            case RESTORE -> restore(file);
        };
    }

    private String export(Path file) {
        try (Store store = open()) {
            Export.Summary written = Export.write(store, file);
            String said = "Exported " + contents(written) + ", as of revision " + written.revision() + " of epoch "
                    + written.epoch() + ", to " + file
                    + ". It holds session ids, which are secrets: delete it when it was imported.";
            return written.servers() == 0
                    ? said
                    : said + " " + written.servers()
                            + " servers run on the store: what they commit from now on is not in the file.";
        }
    }

    private Store open() {
        return switch (settings.registry().store()) {
            case EMBEDDED -> {
                Path directory = settings.registry().dataDir();
                if (!SqliteStore.isThere(directory)) {
                    throw new StoreException(
                            StoreException.Kind.UNAVAILABLE,
                            "there is no history in the data directory " + directory + ": see registry.data-dir");
                }
                yield SqliteStore.open(directory, false);
            }
            case ETCD -> EtcdStore.open(settings.etcd().settings(false));
        };
    }

    private String importFrom(Path file) {
        Export.Summary taken = Import.read(file, this::begin);
        String grace = switch (settings.registry().store()) {
            case EMBEDDED -> "registry.session.restart-grace";
            case ETCD -> "registry.session.orphan-grace";
        };
        return "Imported " + contents(taken) + " from " + file + " into " + target()
                + ", as a new epoch. Sessions are kept for " + grace + " after the first server has started."
                + readable(file);
    }

    private Intake begin() {
        return switch (settings.registry().store()) {
            case EMBEDDED -> SqliteIntake.into(settings.registry().dataDir(), replace);
            case ETCD -> EtcdIntake.into(settings.etcd().settings(false), replace);
        };
    }

    private String restore(Path copy) {
        if (settings.registry().store() != RegistryProperties.Engine.EMBEDDED) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "restore puts back a copy of the embedded store; a backup of etcd is restored with etcd's tools, then"
                            + " the first server is started once with registry.store.new-epoch=true");
        }
        Path directory = settings.registry().dataDir();
        try (Intake intake = SqliteIntake.ofCopy(copy, directory, replace)) {
            Store store = intake.store();
            String epoch = store.epoch();
            long head = store.head();
            intake.finish();
            return "Restored " + copy + " to the data directory " + directory + ", at revision " + head
                    + ", as the new epoch " + epoch + ".";
        }
    }

    private String target() {
        return switch (settings.registry().store()) {
            case EMBEDDED -> "the data directory " + settings.registry().dataDir();
            case ETCD -> settings.etcd().toString();
        };
    }

    private static String contents(Export.Summary summary) {
        return summary.sessions() + " sessions and " + summary.instances() + " instances";
    }

    private static String readable(Path file) {
        try {
            PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
            String permissions = view == null
                    ? ""
                    : PosixFilePermissions.toString(view.readAttributes().permissions());
            return permissions.isEmpty() || permissions.endsWith("------")
                    ? ""
                    : " Others may read " + file + " (" + permissions + "): it holds session ids, delete it.";
        } catch (IOException e) {
            return " The permissions of " + file + " are not known (" + e + "): it holds session ids, delete it.";
        }
    }
}
