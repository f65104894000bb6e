package io.registrycenter.store;

import java.util.List;

/**
 * Mutations that happen at one revision, all or none, if every guard holds.
 *
 * @param guards at most {@link #MAX_GUARDS}
 * @param mutations at most {@link #MAX_MUTATIONS}, each key at most once; none: only asks whether the guards hold
 */
public record Transaction(List<Guard> guards, List<Mutation> mutations) {

    /** etcd takes 128 operations a transaction, guards and mutations counted apart; both engines keep below it. */
    public static final int MAX_GUARDS = 120;

    public static final int MAX_MUTATIONS = 120;

    public Transaction {
        guards = List.copyOf(guards);
        mutations = List.copyOf(mutations);
        if (guards.size() > MAX_GUARDS || mutations.size() > MAX_MUTATIONS) {
            throw new IllegalArgumentException("a transaction has at most " + MAX_GUARDS + " guards and "
                    + MAX_MUTATIONS + " mutations, this one " + guards.size() + " and " + mutations.size());
        }
    }
}
