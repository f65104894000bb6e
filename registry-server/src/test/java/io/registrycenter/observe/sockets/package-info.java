@org.jspecify.annotations.NullMarked
package io.registrycenter.observe.sockets;
