package io.registrycenter.store;

/**
 * This server's sign of life in the engine: the record {@code n/<owner>}, there as long as the server lives and reaches the
 * engine. A transaction may be guarded by the absence of another server's.
 *
 * <p>For any thread; nothing blocks but {@link #close}.
 */
public interface Presence extends AutoCloseable {

    /** The only server there can be. */
    Presence ALONE = new Presence() {
        @Override
        public State state() {
            return State.PRESENT;
        }

        @Override
        public boolean oldest() {
            return true;
        }

        @Override
        public void draining(boolean now) {}

        @Override
        public void close() {}
    };

    /** How others see this server. */
    enum State {
        /** The engine answers: nobody takes this server for dead. */
        PRESENT,
        /** The engine has not answered for most of the lease: others may soon act as if this server were dead. */
        ISOLATED,
        /** Closed. */
        WITHDRAWN
    }

    State state();

    /**
     * Whether this server is, as far as it knows, the one that has been there longest and is not draining: the one that does
     * what need be done once for all. Two may think so for a while.
     */
    boolean oldest();

    /** Says in the record that this server is leaving, or is not. */
    void draining(boolean now);

    /**
     * Says whether this server can do what it is there for: follow the history and end sessions. While it cannot, it shows no sign of
     * life, although it may reach the engine: others take over what it would keep for ever. Asked for as often as anybody likes.
     */
    default void able(boolean now) {}

    /** Takes the sign of life away, so that nobody waits for the lease to run out. */
    @Override
    void close();
}
