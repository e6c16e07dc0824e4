"""What the template promises. Each promise looks at a stack and says what breaks it: nothing, if it is kept."""

from promises.alarms import *
from promises.instance import *
from promises.queues import *
from promises.register import PROMISES
from promises.rights import *
