package io.registrycenter.store.sqlite;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The oldest rows of the log, ready to become part of the state: one SQL transaction for the writer.
 *
 * @param floor where the floor is afterwards: the last revision of the last row
 * @param rows how many rows of the log go
 * @param bytes of commits in them
 * @param puts newest value of each record written in them
 * @param deletes paths of records deleted in them
 * @param done completes when it is durable
 */
record FoldSlice(
        long floor, int rows, long bytes, List<StateRow> puts, List<String> deletes, CompletableFuture<Long> done) {}
