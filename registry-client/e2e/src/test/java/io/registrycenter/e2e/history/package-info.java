/**
 * What clients asked for and were answered, what happened, and whether the two agree: calls that are recorded, and the check
 * that acknowledged writes are linearizable. Starts at {@link io.registrycenter.e2e.history.HistoryCheck}; uses {@code process}.
 */
package io.registrycenter.e2e.history;
