package io.registrycenter.store;

import io.registrycenter.catalog.InstanceKey;

/**
 * Which record. Its {@link #path()} is how every engine keys it, and sorts by kind, then by what is named.
 *
 * <p>Parts never contain {@code /} (see {@code catalog.Rules}), so a path can be taken apart again.
 */
public sealed interface RecordKey {

    String path();

    /** A session: {@code s/<session id>}. */
    record OfSession(String sessionId) implements RecordKey {
        @Override
        public String path() {
            return "s/" + sessionId;
        }
    }

    /** An instance or its tombstone: {@code i/<namespace>/<service>/<id>}. */
    record OfInstance(InstanceKey instance) implements RecordKey {
        @Override
        public String path() {
            return "i/" + instance.namespace() + "/" + instance.service() + "/" + instance.id();
        }
    }

    /** A server process that is alive: {@code n/<owner>}. Written by {@link Store#announce} alone; others may guard it. */
    record OfNode(String owner) implements RecordKey {
        @Override
        public String path() {
            return "n/" + owner;
        }
    }

    /**
     * The key that has this path.
     *
     * @throws IllegalArgumentException when no key has it
     */
    static RecordKey parse(String path) {
        String[] parts = path.split("/", -1);
        return switch (parts[0]) {
            case "s" -> {
                requireParts(path, parts, 2);
                yield new OfSession(parts[1]);
            }
            case "i" -> {
                requireParts(path, parts, 4);
                yield new OfInstance(new InstanceKey(parts[1], parts[2], parts[3]));
            }
            case "n" -> {
                requireParts(path, parts, 2);
                yield new OfNode(parts[1]);
            }
            default -> throw new IllegalArgumentException("no kind of record has the path \"" + shown(path) + "\"");
        };
    }

    private static void requireParts(String path, String[] parts, int count) {
        if (parts.length != count) {
            throw new IllegalArgumentException("a path of kind " + parts[0] + "/ has " + count + " parts, \""
                    + shown(path) + "\" has " + parts.length);
        }
    }

    /** For people: a session's id is its secret. */
    private static String shown(String path) {
        return path.startsWith("s/") && path.length() > 6 ? path.substring(0, 6) + "..." : path;
    }
}
