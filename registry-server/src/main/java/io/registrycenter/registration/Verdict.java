package io.registrycenter.registration;

import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.RecordValue;

/** What a call comes to, given the records it is judged by. */
sealed interface Verdict<T> {

    /** The instance's record becomes this. */
    record Write<T>(RecordValue value) implements Verdict<T> {}

    /** Nothing to do: this is the answer. */
    record Answer<T>(T answer) implements Verdict<T> {}

    /** Not allowed. */
    record Refuse<T>(Refusal refusal) implements Verdict<T> {}
}
