/**
 * Many real clients in a process of their own: its plan, its members, and what its parent asks about it. Starts at
 * {@link io.registrycenter.e2e.swarm.Swarm}; uses {@code process}.
 */
package io.registrycenter.e2e.swarm;
