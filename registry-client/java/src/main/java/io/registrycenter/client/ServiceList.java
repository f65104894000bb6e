package io.registrycenter.client;

import java.util.List;

/**
 * The services of a namespace at one revision.
 *
 * @param services by name
 * @param stale whether the server had lost its store and told the last it knew
 */
public record ServiceList(Cursor cursor, List<ServiceSummary> services, boolean stale) {

    public ServiceList {
        services = List.copyOf(services);
    }
}
