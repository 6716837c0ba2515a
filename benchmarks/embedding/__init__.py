"""How well `quiet` embeds: quality through files, time, and how close its code is to the bound."""
