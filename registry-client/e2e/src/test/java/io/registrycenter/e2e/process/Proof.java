package io.registrycenter.e2e.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** The size of every proof, small for {@code verify} and full for {@code verify -Pfull}, and the figures it reports. */
public final class Proof {

    public static final boolean FULL = "full".equals(System.getProperty("proof.size"));

    private static final Path FIGURES = Programs.BUILD.resolve("proof-figures.jsonl");

    private Proof() {}

    /** How many times to do something. */
    public static int times(int small, int full) {
        return FULL ? full : small;
    }

    /** The settings of the server for each size: small ones hurry, full ones are what a new user has. */
    public static String[] small(String... settings) {
        return FULL ? new String[0] : settings;
    }

    /**
     * Reports what was measured, to standard output and to a file of the build; figures are never asserted.
     *
     * @param figures names and values in turn
     */
    public static synchronized void tell(String proof, Object... figures) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("proof", proof);
        line.put("size", FULL ? "full" : "small");
        for (int i = 0; i < figures.length; i += 2) {
            line.put((String) figures[i], figures[i + 1]);
        }
        String text = Event.write(line);
        System.out.println(text);
        try {
            Files.writeString(FIGURES, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
