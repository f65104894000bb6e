/** Servers with little memory: what they keep, what they refuse, and how they end. */
package io.registrycenter.e2e.memory;
