package io.registrycenter.session;

import io.registrycenter.catalog.ClientInfo;

/**
 * How one attach stream stands, for operators. Immutable.
 *
 * @param session the beginning of the session's id; empty while there is none
 * @param idleNanos since a frame of the client came
 */
public record LinkFigures(
        String id, String peer, ClientInfo client, String state, String session, long ageNanos, long idleNanos) {}
