/** The transport under the links, over TCP. */
@NullMarked
package io.registrycenter.client.internal.link;

import org.jspecify.annotations.NullMarked;
