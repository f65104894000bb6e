/**
 * Several servers on one etcd behind one proxy, etcd and proxy in containers where an engine answers. Starts at
 * {@link io.registrycenter.e2e.container.SeveralServersIT}; uses {@code process} and {@code swarm}.
 */
package io.registrycenter.e2e.container;
