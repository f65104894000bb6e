package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;

/**
 * How this server saw the client's previous stream end.
 *
 * @param message what the client was told about the end; empty: nothing
 */
public record PreviousEnd(String streamId, CloseCause cause, String message) {}
