package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;

/**
 * The registry's answer to a call that it carried out.
 *
 * @param cursor where it took effect
 * @param createdRevision of the registration as it stands since; 0 when the answer does not say
 */
record Accepted(Cursor cursor, long createdRevision) {}
