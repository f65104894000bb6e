package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;

/**
 * What a client saw of its previous stream's end.
 *
 * @param idle how long that stream had been without a frame
 * @param detail for operators, at most 256 characters
 */
public record PreviousClose(String streamId, CloseCause cause, Duration idle, String detail) {}
