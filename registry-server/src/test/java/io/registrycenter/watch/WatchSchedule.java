package io.registrycenter.watch;

import io.registrycenter.catalog.Interest;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One generated history: cuts, restarts, compactions, slow phases, changes; in the end everything heals. */
final class WatchSchedule {

    private static final int STEPS = 300;
    private static final int HEALING_ROUNDS = 2_000;

    private WatchSchedule() {}

    /** Of a namespace: services, the whole of it, with labels, and one that nobody provides. */
    static List<Interest> interests(String namespace) {
        return List.of(
                new Interest(namespace, "orders", Map.of()),
                new Interest(namespace, "", Map.of()),
                new Interest(namespace, "orders", Map.of("colour", "blue")),
                new Interest(namespace, "", Map.of("colour", "green")),
                new Interest(namespace, "nobody", Map.of()));
    }

    static void run(long seed, WatchEngine engine, Ledger ledger) {
        try (WatchWorld world = new WatchWorld(seed, engine, ledger)) {
            for (Interest interest : interests(WatchWorld.NAMESPACE)) {
                WatchWorld.Connection alone = world.new Connection(List.of(interest));
                alone.connect(world.servers.get(0));
            }
            world.new Connection(interests(WatchWorld.NAMESPACE));
            world.new Connection(interests(WatchWorld.NAMESPACE));
            for (int step = 0; step < STEPS; step++) {
                step(world);
            }
            heal(world);
            for (WatchWorld.Connection connection : world.connections) {
                for (WatchingClient client : connection.clients.values()) {
                    ledger.check(
                            Guarantee.CONVERGENT,
                            client.has(world.truth.head()),
                            () -> "in the end not the state of the store: " + client.interest());
                }
            }
        }
    }

    private static void step(WatchWorld world) {
        WatchWorld.Connection connection = world.connections.get(world.random.nextInt(world.connections.size()));
        switch (world.random.nextInt(22)) {
            case 0, 1, 2, 3, 4, 5 -> world.commitSomething();
            case 6, 7, 8 -> world.loops.forEach(loop -> loop.runSome(1 + world.random.nextInt(6)));
            case 9, 10 -> world.tick();
            case 11, 12 -> some(world).forEach(each -> each.allow(1 + world.random.nextInt(8)));
            case 13, 14, 15 -> some(world).forEach(each -> each.read(1 + world.random.nextInt(9)));
            case 16, 17, 18 -> cutOrConnect(world, connection);
            case 19 -> world.servers.forEach(server -> server.apply(1 + world.random.nextInt(4)));
            case 20 -> subscribeAgain(world, connection);
            default -> seldom(world);
        }
    }

    private static List<WatchWorld.Connection> some(WatchWorld world) {
        return world.connections.stream()
                .filter(connection -> world.random.nextInt(3) != 0)
                .toList();
    }

    private static void cutOrConnect(WatchWorld world, WatchWorld.Connection connection) {
        if (!connection.connected()) {
            connection.connect(world.servers.get(world.random.nextInt(world.servers.size())));
        } else if (world.random.nextInt(6) == 0) {
            connection.cut();
        }
    }

    private static void subscribeAgain(WatchWorld world, WatchWorld.Connection connection) {
        List<WatchingClient> clients = List.copyOf(connection.clients.values());
        connection.subscribeAgain(clients.get(world.random.nextInt(clients.size())));
    }

    private static void seldom(WatchWorld world) {
        switch (world.random.nextInt(14)) {
            case 0 -> world.restart();
            case 1, 2 -> world.compact();
            case 3, 4, 5 -> world.pauseDelivery();
            case 6, 7, 8, 9 -> world.resumeDelivery();
            case 10 -> world.pass(Duration.ofMinutes(11));
            case 11 -> world.missCompaction();
            default -> world.tick();
        }
    }

    /** Every client is connected and reads all there is, until each has the state of the store or patience ends. */
    private static void heal(WatchWorld world) {
        world.catchUp();
        for (int round = 0; round < HEALING_ROUNDS && !healed(world); round++) {
            for (WatchWorld.Connection connection : world.connections) {
                if (!connection.connected()) {
                    connection.connect(world.servers.get(world.random.nextInt(world.servers.size())));
                }
                connection.allow(100);
            }
            world.tick();
            world.loops.forEach(StepExecutor::runAll);
            for (WatchWorld.Connection connection : world.connections) {
                connection.read(1_000);
                connection.clients.values().stream()
                        .filter(WatchingClient::ended)
                        .forEach(connection::subscribe);
            }
        }
    }

    private static boolean healed(WatchWorld world) {
        return world.connections.stream()
                .flatMap(connection -> connection.clients.values().stream())
                .allMatch(client -> client.has(world.truth.head()));
    }
}
