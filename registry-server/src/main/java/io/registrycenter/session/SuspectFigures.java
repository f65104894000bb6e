package io.registrycenter.session;

import io.registrycenter.catalog.ClientInfo;
import java.time.Duration;

/**
 * A session that is kept without a sign of life, for operators. Immutable.
 *
 * @param session the beginning of its id: enough to find it in a log, too little to use it
 * @param instances registered with it
 * @param left until its time is up; negative: it is over, and the expiry brake holds it
 */
public record SuspectFigures(String session, ClientInfo client, int instances, Duration left) {}
