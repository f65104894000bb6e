@NullMarked
package io.registrycenter.client.internal.callback;

import org.jspecify.annotations.NullMarked;
