package io.registrycenter.e2e.swarm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a swarm consists of: clients that register, watch, or both; passed to its process as {@code name=value} arguments.
 * Immutable.
 *
 * <p>The first {@code providers} clients register one instance each, the last {@code watchers} watch one service each. Client
 * i has to do with service {@code <service>-<i modulo services>}.
 *
 * @param target of the server; of several, separated by commas
 * @param name of the swarm; the instance of client i is {@code <name>-<i>}
 * @param watched instances that a watcher must see before the swarm is ready; below 0: as many as the swarm registers
 * @param stalled streams beside the clients, that watch {@code <service>-stalled} and stop reading
 */
public record SwarmPlan(
        String target,
        String name,
        String service,
        int services,
        int clients,
        int providers,
        int watchers,
        int watched,
        int stalled) {

    /** Clients that all watch, in as many services. */
    public static SwarmPlan watchers(String target, String name, int clients, int services) {
        return new SwarmPlan(target, name, "orders", services, clients, 0, clients, -1, 0);
    }

    /** Clients that all register, in as many services. */
    public static SwarmPlan providers(String target, String name, int clients, int services) {
        return new SwarmPlan(target, name, "orders", services, clients, clients, 0, -1, 0);
    }

    /** Streams that are not read, and no clients. */
    public static SwarmPlan stalled(String target, int count) {
        return new SwarmPlan(target, "stalled", "orders", 1, 0, 0, 0, 0, count);
    }

    public SwarmPlan withService(String prefix) {
        return new SwarmPlan(target, name, prefix, services, clients, providers, watchers, watched, stalled);
    }

    public SwarmPlan withProviders(int count) {
        return new SwarmPlan(target, name, service, services, clients, count, watchers, watched, stalled);
    }

    public SwarmPlan withWatched(int count) {
        return new SwarmPlan(target, name, service, services, clients, providers, watchers, count, stalled);
    }

    public String[] targets() {
        return target.split(",");
    }

    boolean provides(int client) {
        return client < providers;
    }

    public boolean watches(int client) {
        return client >= clients - watchers;
    }

    public String serviceOf(int client) {
        return serviceAt(serviceIndexOf(client));
    }

    int serviceIndexOf(int client) {
        return client % services;
    }

    public String serviceAt(int index) {
        return service + "-" + index;
    }

    String stalledService() {
        return service + "-stalled";
    }

    /** How many instances the watcher of this client sees when all are registered. */
    int expected(int client) {
        if (watched >= 0) {
            return watched;
        }
        int mine = serviceIndexOf(client);
        return providers / services + (mine < providers % services ? 1 : 0);
    }

    List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("target=" + target, "name=" + name, "service=" + service));
        numbers().forEach((field, value) -> arguments.add(field + "=" + value));
        return arguments;
    }

    private Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        numbers.put("services", services);
        numbers.put("clients", clients);
        numbers.put("providers", providers);
        numbers.put("watchers", watchers);
        numbers.put("watched", watched);
        numbers.put("stalled", stalled);
        return numbers;
    }

    public static SwarmPlan of(String... arguments) {
        Map<String, String> given = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            given.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return new SwarmPlan(
                given.get("target"),
                given.get("name"),
                given.get("service"),
                Integer.parseInt(given.get("services")),
                Integer.parseInt(given.get("clients")),
                Integer.parseInt(given.get("providers")),
                Integer.parseInt(given.get("watchers")),
                Integer.parseInt(given.get("watched")),
                Integer.parseInt(given.get("stalled")));
    }
}
