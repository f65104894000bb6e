/**
 * etcd without a registry: what it holds, its revision, and the transactions of a registry to load it with. Start at
 * {@link EtcdClient}. Uses {@code client} and {@code wire}.
 */
@NullMarked
package io.registrycenter.load.etcd;

import org.jspecify.annotations.NullMarked;
