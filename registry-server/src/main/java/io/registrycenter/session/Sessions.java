package io.registrycenter.session;

/** Every session this server watches over. */
public final class Sessions {

    /** A link for a stream that was just accepted. Any thread. */
    public SessionLink attach(SessionOutlet outlet) {
        return new SessionLink(outlet);
    }
}
