package io.registrycenter.cli;

/** Colours of a terminal, or none. Immutable. */
enum Style {
    PLAIN {
        @Override
        String paint(Colour colour, String text) {
            return text;
        }
    },
    COLOURED {
        @Override
        String paint(Colour colour, String text) {
            return "\u001b[" + colour.code + "m" + text + "\u001b[0m";
        }
    };

    /** What a colour says. */
    enum Colour {
        ADDED(32),
        CHANGED(33),
        REMOVED(31),
        LINK(36),
        TROUBLE(35),
        HEADING(1);

        private final int code;

        Colour(int code) {
            this.code = code;
        }
    }

    /** The user's choice. */
    enum When {
        AUTO,
        ALWAYS,
        NEVER
    }

    abstract String paint(Colour colour, String text);

    /**
     * What the choice means here.
     *
     * @param terminal whether stdout is one
     * @param noColour the variable NO_COLOR is set and not empty
     */
    static Style of(When when, boolean terminal, boolean noColour) {
        return switch (when) {
            case ALWAYS -> COLOURED;
            case NEVER -> PLAIN;
            case AUTO -> terminal && !noColour ? COLOURED : PLAIN;
        };
    }
}
