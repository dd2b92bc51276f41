"""What figures and data sets are called for people: a sentence under each figure says what to look at."""

from __future__ import annotations

#: name of a data set -> for people
DATASETS = {
    "mnist": "MNIST",
    "digits": "scikit-learn's digits",
    "idx": "images in IDX files",
    "braille": "words in Braille",
}
#: name of the figure -> sentence
CAPTIONS = {
    # the spiking network
    "overview": "The run at a glance: what neurons have learned, accuracy over training, and the weights they ended with.",
    "receptive_fields": "Each tile is one neuron. Look for whole digits: a blur or a half of two digits has not specialised.",
    "spikes": "Before training all neurons fire a little for anything; afterwards spikes should fall into the shaded images.",
    "accuracy": "Accuracy, or error, over training. Look where it levels off, and how far from a network without learning.",
    "pruned_map": "Left: pruned weights should gather at the border, which tells little. Right: what is left draws digits.",
    # the perceptron
    "weights": "Where the weights ended. A pile at either end of the axis is saturation: updates are lost there.",
    "pulses": "Pulses an image should fall as fewer images are named wrongly; RESETs wear the non-volatile devices.",
    "wear": "How unevenly cells are written. The tail to the right, not the mean, decides when the first cells fail.",
    "conductance": "Where the cells stand. A crowd at an upper edge is saturated, one at zero has been RESET.",
    "mistakes": "Test images named wrongly: the truth, then the answer. Many would puzzle a person too.",
    # words in Braille, and images by activity differences
    "words": "Red dots and letters are wrong. Compare what goes in, left, with what one and two layers make of it.",
    "energy": "Energy falls as the network settles. A line that has not become flat at its end was stopped too early.",
    "training": "The error falls and levels off; a line that still falls at the end asks for more training.",
    "distortion": "The dashed line is the best that any method can do; the bars show how far ours stay below it.",
    "conductances": "Each pixel is one cell. Lines or dots at the ends of the scale are cells that do not answer.",
    # studies
    "ladder": "Each rung adds an imperfection or a remedy; look for moves wider than the spread of the dots, the seeds.",
    "requirements": "Each line makes one property worse. The triangle marks where the loss leaves the grey band.",
    "energy_claim": "What is counted decides: compare the levels, and how far low and high ends of the coefficients reach.",
    # a device
    "fit": "Readings should lie in the grey band, means of steps on the lines, and forecasts under the black curve.",
    # made for the page
    "sweep": "Mean and spread over the seeds at each setting; differences within the bars may be chance.",
    "wear_map": "Bright cells wear out first; a bright line is an input or a neuron that wears all its cells. Logarithmic.",
}


def caption(name: str) -> str:
    """Return the sentence for a figure, its name in words if there is none."""
    return CAPTIONS.get(name, name.replace("_", " ").capitalize() + ".")
