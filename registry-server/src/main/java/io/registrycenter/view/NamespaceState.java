package io.registrycenter.view;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The services of one namespace and their instances.
 *
 * <p>Written by the applier thread, read by any thread; every method holds the monitor for a short walk over memory at most.
 */
final class NamespaceState {

    @GuardedBy("this")
    private final TreeMap<String, ServiceState> services = new TreeMap<>();

    /** The newest commit that changed this namespace: its snapshots are at least this new. */
    @GuardedBy("this")
    private long revision;

    private static final class ServiceState {
        final TreeMap<String, Instance> instances = new TreeMap<>();

        /** The instances as a shared list, until the next change. */
        @Nullable
        List<Instance> list;

        List<Instance> list() {
            List<Instance> known = list;
            if (known == null) {
                known = List.copyOf(instances.values());
                list = known;
            }
            return known;
        }
    }

    /** Applies the changes of one commit to this namespace, all at once for every reader. */
    synchronized void apply(long commitRevision, List<AppliedCommit.InstanceChange> changes) {
        revision = commitRevision;
        for (AppliedCommit.InstanceChange change : changes) {
            Instance after = change.after();
            String name = change.key().service();
            if (after != null) {
                ServiceState service = services.computeIfAbsent(name, ignored -> new ServiceState());
                service.instances.put(after.id(), after);
                service.list = null;
            } else {
                remove(name, change.key().id());
            }
        }
    }

    @GuardedBy("this")
    private void remove(String name, String id) {
        ServiceState service = services.get(name);
        if (service != null && service.instances.remove(id) != null) {
            service.list = null;
            if (service.instances.isEmpty()) {
                services.remove(name);
            }
        }
    }

    /** What an interest matches, and the revision it is the state of, given what the whole view has applied. */
    synchronized At snapshot(Interest interest, long viewRevision) {
        long at = Math.max(viewRevision, revision);
        if (interest.wholeNamespace()) {
            List<Instance> all = new ArrayList<>();
            for (ServiceState service : services.values()) {
                all.addAll(service.list());
            }
            return new At(at, all);
        }
        ServiceState service = services.get(interest.service());
        return new At(at, service == null ? List.of() : service.list());
    }

    synchronized List<ServiceSummary> summaries() {
        List<ServiceSummary> result = new ArrayList<>(services.size());
        services.forEach((name, service) -> {
            int up = 0;
            for (Instance instance : service.instances.values()) {
                if (instance.status() == InstanceStatus.UP) {
                    up++;
                }
            }
            result.add(new ServiceSummary(name, service.instances.size(), up));
        });
        return result;
    }

    synchronized int count(String serviceName) {
        ServiceState service = services.get(serviceName);
        return service == null ? 0 : service.instances.size();
    }

    synchronized boolean isEmpty() {
        return services.isEmpty();
    }

    /** Instances before label filtering, at a revision. */
    record At(long revision, List<Instance> instances) {}
}
