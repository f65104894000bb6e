package io.registrycenter.client.internal;

import io.registrycenter.client.Change;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.WatchListener;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down what it is told, in short words: {@code +id@revision}, {@code -id@revision REASON}. */
final class RecordingListener implements WatchListener {

    final List<ViewChange> steps = new ArrayList<>();
    final List<String> words = new ArrayList<>();

    @Nullable
    RegistryException refusal;

    @Override
    public void onSnapshot(ViewChange change) {
        words.add("snapshot " + change.snapshot());
        onChanges(change);
    }

    @Override
    public void onChanges(ViewChange change) {
        steps.add(change);
        for (Change one : change.changes()) {
            if (one instanceof Change.Removal removal) {
                words.add("-" + one.instanceId() + "@" + one.revision() + " " + removal.reason());
            } else {
                words.add("+" + one.instanceId() + "@" + one.revision());
            }
        }
    }

    @Override
    public void onRefused(RegistryException reason) {
        refusal = reason;
    }

    List<String> take() {
        List<String> taken = List.copyOf(words);
        words.clear();
        return taken;
    }
}
