package io.registrycenter.client.internal.link;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.ProxiedSocketAddress;
import io.grpc.ProxyDetector;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The addresses of one target, looked up when its channel connects and again when gRPC asks.
 *
 * <p>gRPC's own resolver of DNS names takes no name with {@code _}, although containers are called so, and sends IP addresses
 * through the same queue as names. Proxies that Java is set to use are used here as there. Confined to the channel's
 * synchronization context, except the look-up itself.
 */
final class TargetResolver extends NameResolver {

    private final Target target;
    private final NameLookup lookup;
    private final Executor lookups;
    private final ProxyDetector proxies;
    private final SynchronizationContext context;
    private Phase phase = Phase.IDLE;
    private Listener2 listener = new Nobody();

    private enum Phase {
        IDLE,
        /** One look-up is under way. */
        LOOKING,
        SHUT
    }

    /** @param lookups where a look-up may block */
    TargetResolver(Target target, NameLookup lookup, Executor lookups, NameResolver.Args args) {
        this.target = target;
        this.lookup = lookup;
        this.lookups = lookups;
        this.proxies = args.getProxyDetector();
        this.context = args.getSynchronizationContext();
    }

    @Override
    public String getServiceAuthority() {
        return target.authority();
    }

    @Override
    public void start(Listener2 to) {
        listener = to;
        refresh();
    }

    @Override
    public void refresh() {
        if (phase != Phase.IDLE) {
            return;
        }
        phase = Phase.LOOKING;
        try {
            lookups.execute(() -> {
                StatusOr<List<EquivalentAddressGroup>> found = look();
                context.execute(() -> found(found));
            });
        } catch (RejectedExecutionException closing) {
            found(failure("the client is closing", closing));
        }
    }

    private void found(StatusOr<List<EquivalentAddressGroup>> addresses) {
        if (phase == Phase.LOOKING) {
            phase = Phase.IDLE;
            listener.onResult2(
                    ResolutionResult.newBuilder().setAddressesOrError(addresses).build());
        }
    }

    /** Whatever is thrown is the answer: a channel whose resolver says nothing never fails a call. */
    private StatusOr<List<EquivalentAddressGroup>> look() {
        try {
            ProxiedSocketAddress proxied =
                    proxies.proxyFor(InetSocketAddress.createUnresolved(target.host(), target.port()));
            if (proxied != null) {
                return StatusOr.fromValue(List.of(new EquivalentAddressGroup(proxied)));
            }
            List<EquivalentAddressGroup> groups = new ArrayList<>();
            for (InetAddress address : addresses()) {
                groups.add(new EquivalentAddressGroup(new InetSocketAddress(address, target.port())));
            }
            return StatusOr.fromValue(groups);
        } catch (Throwable fault) {
            return failure("the address of " + target.text() + " is not found", fault);
        }
    }

    /** The text of an address becomes one without a look-up. */
    private List<InetAddress> addresses() throws IOException {
        return target.kind() == Target.Kind.ADDRESS
                ? List.of(InetAddress.getByName(target.host()))
                : lookup.addresses(target.host());
    }

    private static StatusOr<List<EquivalentAddressGroup>> failure(String what, Throwable why) {
        return StatusOr.fromStatus(Status.UNAVAILABLE.withDescription(what).withCause(why));
    }

    @Override
    public void shutdown() {
        phase = Phase.SHUT;
    }

    /** Before the start. */
    private static final class Nobody extends Listener2 {
        @Override
        public void onResult(ResolutionResult result) {
            // Nobody has asked.
        }

        @Override
        public void onError(Status error) {
            // Nobody has asked.
        }
    }
}
