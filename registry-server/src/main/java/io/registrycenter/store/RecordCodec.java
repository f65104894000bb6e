package io.registrycenter.store;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * Records and commits as bytes: JSON, so that an operator can read what is stored with the engine's own tools.
 *
 * <p>What is read may have been written by a newer version: fields that are not known are passed over. Written by hand on
 * the streaming interface, because every registration passes through here. Stateless, for any thread.
 *
 * <p>A list of commits reads {@code [{"revision":7,"mutations":[{"key":"i/prod/orders/a","value":{"kind":"instance",...}}]}]};
 * a deleted record has no {@code value}.
 */
public final class RecordCodec {

    /** Grows when older versions can no longer read what is written; engines keep it beside the data. */
    public static final int FORMAT = 1;

    private static final JsonFactory JSON = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            // Metadata keys come from clients: no choice of them may make stored data unreadable.
            .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .build();

    private RecordCodec() {}

    public static byte[] encode(RecordValue value) {
        ExactBytes bytes = new ExactBytes();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            RecordWriter.value(json, value);
        }
        return bytes.take();
    }

    /**
     * The record that these bytes are.
     *
     * @throws IllegalArgumentException when they are none
     */
    public static RecordValue decode(byte[] bytes) {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), bytes)) {
            json.nextToken();
            return RecordReader.value(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not a record: " + e.getOriginalMessage(), e);
        }
    }

    /** One record with its key, as it stands in a list of commits. */
    public static byte[] encode(Mutation mutation) {
        ExactBytes bytes = new ExactBytes();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            RecordWriter.mutation(json, mutation);
        }
        return bytes.take();
    }

    /**
     * The record with its key that these bytes are.
     *
     * @throws IllegalArgumentException when they are none, or more than one
     */
    public static Mutation decodeMutation(byte[] bytes) {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), bytes)) {
            json.nextToken();
            Mutation mutation = RecordReader.mutation(json);
            if (json.nextToken() != null) {
                throw new IllegalArgumentException("something follows the record");
            }
            return mutation;
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not a record: " + e.getOriginalMessage(), e);
        }
    }

    /** The mutations of a transaction, to be joined to commits by {@link CommitJoiner} once their revision is known. */
    public static byte[] encodeMutations(List<Mutation> mutations) {
        ExactBytes bytes = new ExactBytes();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            RecordWriter.mutations(json, mutations);
        }
        return bytes.take();
    }

    /**
     * What {@link CommitJoiner} joined.
     *
     * @throws IllegalArgumentException when the bytes are no list of commits
     */
    public static List<Commit> decodeCommits(byte[] bytes) {
        List<Commit> commits = new ArrayList<>();
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), bytes)) {
            RecordReader.expect(json, json.nextToken(), JsonToken.START_ARRAY);
            while (json.nextToken() != JsonToken.END_ARRAY) {
                commits.add(RecordReader.commit(json));
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not a list of commits: " + e.getOriginalMessage(), e);
        }
        return commits;
    }
}
