package io.registrycenter.client.internal.link;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** How a host name becomes addresses. Any thread; may block for as long as the machine's resolver does. */
@FunctionalInterface
public interface NameLookup {

    /** The machine's own. */
    NameLookup SYSTEM = host -> List.of(InetAddress.getAllByName(host));

    /** At least one address. */
    List<InetAddress> addresses(String host) throws UnknownHostException;
}
