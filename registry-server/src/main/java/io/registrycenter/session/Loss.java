package io.registrycenter.session;

/**
 * A registration that its session has lost.
 *
 * @param createdRevision which registration: the instance may have been registered again since, by the same session
 */
public record Loss(LostReason reason, long createdRevision) {}
